// Reads one direction of a WebSocket (RFC 6455, with permessage-deflate of RFC 7692) while its
// bytes go past untouched: a copy is unmasked, inflated and given out in pieces of messages, so
// that a message of any size is never held. Whatever cannot be read is given out as raw bytes. zlib
// stays behind the .cc. Pure: bytes in, pieces out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/message_entry.h"

namespace albicilla {

// A run of a message's bytes, as far as the last feed() brought them.
struct FramePiece {
  FrameKind kind = FrameKind::text;
  bool ends = false;
  std::string bytes;
  std::uint64_t left_out = 0;  // see MessagePiece
  bool operator==(const FramePiece&) const = default;
};

class WebSocketFrames {
 public:
  struct Rules {
    bool masked = false;         // frames of clients are, those of servers must not be
    bool deflate = false;        // permessage-deflate was agreed on
    bool keeps_context = false;  // compressed messages refer to those before
    std::uint64_t most_inflated = std::uint64_t{32} << 20;  // of one message
  };

  explicit WebSocketFrames(const Rules& rules);
  ~WebSocketFrames();
  WebSocketFrames(const WebSocketFrames&) = delete;
  WebSocketFrames& operator=(const WebSocketFrames&) = delete;

  // Takes the next bytes, cut anywhere. Pieces of one message follow one another, with whole
  // control messages (ping, pong, close) perhaps between them.
  std::vector<FramePiece> feed(std::string_view bytes);

  // No frames any more: all bytes from there on are raw.
  bool broken() const { return broken_; }
  // A close frame has gone past.
  bool closing() const { return closing_; }

 private:
  struct Inflater;

  bool read_head(std::string_view& bytes);
  bool begin_frame();
  void take_payload(std::string_view& bytes);
  void take_control(std::string_view bytes);
  void take_message(std::string_view bytes, bool ends);
  void inflate_into(FramePiece& piece, std::string_view bytes, bool ends);
  void add(FramePiece piece);

  const Rules rules_;
  std::unique_ptr<Inflater> inflater_;
  std::vector<FramePiece> pieces_;
  std::string head_;        // of a frame, as far as it has come
  std::uint64_t left_ = 0;  // of the frame's payload
  std::uint8_t opcode_ = 0;
  bool final_ = false;
  bool in_payload_ = false;
  char mask_[4] = {0, 0, 0, 0};
  std::size_t mask_at_ = 0;
  std::string control_;
  FrameKind kind_ = FrameKind::text;  // of the message under way
  bool in_message_ = false;
  bool compressed_ = false;
  bool context_lost_ = false;
  std::uint64_t inflated_ = 0;
  bool broken_ = false;
  bool closing_ = false;
};

}  // namespace albicilla
