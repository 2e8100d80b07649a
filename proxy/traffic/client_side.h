// The client's half of a connection, and the judgement whether the client is still there while its
// answer is being waited for.
#pragma once

#include <functional>
#include <string>

#include "proxy/traffic/deadlines.h"
#include "proxy/traffic/input.h"
#include "proxy/traffic/net_stream.h"

namespace albicilla {

struct ClientSide {
  ClientSide(Socket socket, LoopExecutor executor, Deadlines& deadlines)
      : stream(std::move(socket), deadlines),
        input(stream, executor, std::size_t{4} << 10, std::size_t{256} << 10) {}

  NetStream stream;
  Input input;
  std::string peer;      // the address at the other end of the socket
  std::string ip;        // the client's: the peer's, or what a trusted balancer said at the start
  bool trusted = false;  // the peer may say in X-Forwarded-For for whom it speaks
};

// A closed socket and a half-closed one look the same until something is sent. A reset is believed
// at once. An orderly end means "gone" for a client that had asked to keep the connection, unless
// bytes written to it since have gone through; a client that had said it would close ("Connection:
// close", HTTP/1.0) is trusted to be waiting for its answer.
class ClientPresence final : private Deadline {
 public:
  ClientPresence(ClientSide& client, Deadlines& deadlines);
  ~ClientPresence() override { client_.input.unwatch(); }

  // From now on `on_left` is called from the loop, once, when the client has gone.
  void watch(bool may_half_close, std::function<void()> on_left);
  void unwatch();

  void bytes_went_through() { ++writes_; }
  // Known from elsewhere (a failed write).
  void left();
  bool has_left() const { return left_; }

 private:
  void on_input_end();
  void on_expired() override;

  ClientSide& client_;
  std::function<void()> on_left_;
  bool may_half_close_ = false;
  bool left_ = false;
  std::uint64_t writes_ = 0;
  std::uint64_t writes_at_end_ = 0;
};

}  // namespace albicilla
