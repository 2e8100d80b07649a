// The server's side of RFC 6455 for the mock provider, enough to check a relay: text, binary,
// fragments, control frames, permessage-deflate without context takeover. Pure: bytes in, bytes
// out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace albicilla::mock {

enum class WebSocketOp : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

struct WebSocketMessage {
  WebSocketOp op = WebSocketOp::text;
  std::string payload;  // inflated
};

// The value of Sec-WebSocket-Accept.
std::string web_socket_accept(std::string_view key);

// One unmasked frame.
std::string web_socket_frame(const WebSocketMessage& message, bool deflate);

class WebSocketReader {
 public:
  // Takes the next bytes, cut anywhere, and returns the messages that they complete.
  std::vector<WebSocketMessage> feed(std::string_view bytes);
  // An unmasked frame, a reserved bit or an oversized message: the connection is to be closed.
  bool failed() const { return failed_; }

 private:
  struct Frame;
  std::optional<Frame> next_frame();
  void take(Frame frame, std::vector<WebSocketMessage>& messages);

  std::string in_;
  bool failed_ = false;
  bool in_message_ = false;
  bool deflated_ = false;
  WebSocketMessage message_;  // what has come of a message in fragments
};

}  // namespace albicilla::mock
