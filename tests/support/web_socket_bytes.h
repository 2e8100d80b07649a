// Bytes of a WebSocket as the two ends write them, for tests that speak it by hand. Pure.
#pragma once

#include <string>
#include <string_view>

namespace albicilla::support {

// RFC 6455's own example.
inline constexpr std::string_view kWebSocketKey = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view kWebSocketAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

inline std::string web_socket_asking(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         std::string(kWebSocketKey) + "\r\n" + std::string(fields) + "\r\n";
}

inline std::string web_socket_switching(std::string_view fields = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         std::string(kWebSocketAccept) + "\r\n" + std::string(fields) + "\r\n";
}

// `first` holds FIN, the reserved bits and the opcode; payloads below 126 bytes.
inline std::string client_frame(unsigned first, std::string_view payload) {
  constexpr std::string_view kMask = "\x21\x43\x65\x07";
  std::string bytes{static_cast<char>(first), static_cast<char>(0x80 | payload.size())};
  bytes += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  }
  return bytes;
}

inline std::string server_frame(unsigned first, std::string_view payload) {
  return std::string{static_cast<char>(first), static_cast<char>(payload.size())}.append(payload);
}

}  // namespace albicilla::support
