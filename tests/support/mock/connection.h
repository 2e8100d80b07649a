// One client connection of the mock provider: reads requests, plays their answers with the pace and
// the breaks that the directives ask for, and journals how each one ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/event_loop.h"
#include "tests/support/http_framing.h"
#include "tests/support/mock/answer.h"
#include "tests/support/mock/provider.h"
#include "tests/support/mock/request.h"
#include "tests/support/mock/web_socket_session.h"
#include "tests/support/sha256.h"
#include "tests/support/stream_socket.h"

namespace albicilla::mock {

class Connection final : public support::Watcher {
 public:
  Connection(int fd, support::EventLoop& loop, Provider& provider);
  ~Connection() override;

  void on_ready(std::uint32_t epoll_events) override;
  void on_timer() override;

 private:
  enum class State { reading, waiting, playing, talking };

  enum class Next { unit, end, later };

  void receive();
  void take_requests();
  bool take_head();
  void start_answer();
  void start_talking();
  void talk();
  void finish_talking(std::string_view ending);
  void begin_head();
  void play();
  Next next_unit();
  void frame(std::string_view bytes);
  bool flush();
  void finish();
  void end(std::string_view ending);
  void drop();
  void watch_writable(bool on);
  bool breaks_here();

  support::EventLoop& loop_;
  Provider& provider_;
  support::StreamSocket socket_;
  State state_ = State::reading;
  bool dropped_ = false;
  bool watching_writable_ = false;

  std::string in_;
  std::size_t in_at_ = 0;
  bool have_head_ = false;
  support::MessageHead head_;
  support::BodyReader body_reader_;
  std::string body_;
  Request request_;
  bool keep_alive_ = true;
  bool http10_ = false;

  enum class Framing { none, sized, chunked, until_close };
  Framing framing_ = Framing::none;
  Answer answer_;
  std::string unit_;  // not yet framed, when bytes dribble
  std::string out_;
  std::size_t out_at_ = 0;
  bool ended_body_ = false;
  bool lingered_ = false;
  std::optional<WebSocketSession> web_socket_;
  bool pausing_ = false;  // a timer for the next message runs
  JournalEntry entry_;
  std::optional<support::Sha256> response_hash_;
};

}  // namespace albicilla::mock
