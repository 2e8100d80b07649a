// One connection of the load client: sends one request after the other and never one twice. When it
// breaks, the attempt counts as failed and a new connection takes its place.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/event_loop.h"
#include "tests/support/http_framing.h"
#include "tests/support/load/load.h"
#include "tests/support/sha256.h"
#include "tests/support/stream_socket.h"

namespace albicilla::support {

class LoadConnection final : public Watcher {
 public:
  // Adds a connection to the loop that connects after `delay`.
  static void add(EventLoop& loop, Load& load, std::chrono::milliseconds delay);

  LoadConnection(int fd, EventLoop& loop, Load& load);
  void on_ready(std::uint32_t epoll_events) override;
  void on_timer() override;

 private:
  enum class State { idle, connecting, head, body };

  void connect();
  void send_next();
  void write();
  void read();
  void take(std::string_view bytes);
  bool take_head();
  void take_body(std::string_view bytes);
  void finish();
  // Ends the attempt without its answer and the connection with it.
  void fail(std::string_view error);
  void replace(std::chrono::milliseconds delay);

  EventLoop& loop_;
  Load& load_;
  StreamSocket socket_;
  State state_ = State::idle;
  bool gone_ = false;
  std::optional<Attempt> attempt_;
  std::string out_;
  std::size_t out_at_ = 0;
  std::string in_;
  MessageHead head_;
  BodyReader body_reader_;
  bool keep_alive_ = true;
  bool terminal_seen_ = false;
  std::string tail_;  // end of the stream so far, in which the terminal event may have begun
  std::optional<Sha256> hash_;
};

}  // namespace albicilla::support
