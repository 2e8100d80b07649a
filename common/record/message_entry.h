// The body of one direction of a WebSocket as the spool holds it: pieces of messages, each with the
// time at which it went past. A message that came in several reads is several pieces. FORMAT.md has
// the layout. Pure, thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace albicilla {

enum class FrameKind : std::uint8_t {
  text,
  binary,
  close,
  ping,
  pong,
  raw,  // bytes that could not be read as a message: compressed beyond the cap, or no frames
};

std::string_view to_string(FrameKind kind);

struct MessagePiece {
  Microseconds at{0};  // since the exchange started
  FrameKind kind = FrameKind::text;
  bool ends = true;            // the last piece of its message
  std::string_view bytes;      // unmasked and inflated
  std::uint64_t left_out = 0;  // bytes of it that a cap kept out of `bytes`
  bool operator==(const MessagePiece&) const = default;
};

void append_message_piece(std::string& out, const MessagePiece& piece);

// Reads pieces one after the other. What a capture's cap has cut is given as far as it is there.
class MessagePieces {
 public:
  explicit MessagePieces(std::string_view body) : rest_(body) {}

  // The view lives as long as the body; nullopt at the end, or where no piece stands.
  std::optional<MessagePiece> next();
  // The end was not the end of a piece.
  bool cut() const { return cut_; }

 private:
  std::string_view rest_;
  bool cut_ = false;
};

}  // namespace albicilla
