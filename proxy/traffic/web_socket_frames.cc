#include "proxy/traffic/web_socket_frames.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace albicilla {
namespace {

constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;
constexpr std::size_t kMostControl = 125;
// What ends each message's deflate blocks, and is not sent (RFC 7692, 7.2.1).
constexpr std::string_view kTail("\x00\x00\xFF\xFF", 4);

bool is_control(std::uint8_t opcode) { return opcode >= kClose; }

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

// How long the head is that begins with these bytes, as far as they say it.
std::size_t head_size(std::string_view head) {
  if (head.size() < 2) return 2;
  const std::uint8_t length = byte_at(head, 1) & 0x7FU;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + ((byte_at(head, 1) & 0x80U) != 0 ? 4 : 0);
}

}  // namespace

struct WebSocketFrames::Inflater {
  Inflater() { ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
  bool ready = false;
};

WebSocketFrames::WebSocketFrames(const Rules& rules) : rules_(rules) {}
WebSocketFrames::~WebSocketFrames() = default;

std::vector<FramePiece> WebSocketFrames::feed(std::string_view bytes) {
  pieces_.clear();
  while (!bytes.empty() && !broken_) {
    if (in_payload_) {
      take_payload(bytes);
    } else if (read_head(bytes) && !begin_frame()) {
      broken_ = true;
      add({FrameKind::raw, true, std::exchange(head_, {}), 0});
    }
  }
  if (broken_ && !bytes.empty()) add({FrameKind::raw, true, std::string(bytes), 0});
  return std::move(pieces_);
}

// True when the head is whole.
bool WebSocketFrames::read_head(std::string_view& bytes) {
  while (!bytes.empty() && head_.size() < head_size(head_)) {
    const std::size_t wanted = std::min(head_size(head_) - head_.size(), bytes.size());
    head_.append(bytes.substr(0, wanted));
    bytes.remove_prefix(wanted);
  }
  return head_.size() == head_size(head_);
}

// False when no such frame may stand here.
bool WebSocketFrames::begin_frame() {
  const std::uint8_t first = byte_at(head_, 0);
  const std::uint8_t second = byte_at(head_, 1);
  opcode_ = first & 0x0FU;
  final_ = (first & 0x80U) != 0;
  const bool compressed = (first & 0x40U) != 0;
  const bool masked = (second & 0x80U) != 0;
  const bool known = opcode_ <= kBinary || (opcode_ >= kClose && opcode_ <= kPong);
  if (!known || (first & 0x30U) != 0 || masked != rules_.masked) return false;
  left_ = second & 0x7FU;
  std::size_t at = 2;
  if (const std::size_t digits = left_ == 126 ? 2 : left_ == 127 ? 8 : 0; digits > 0) {
    left_ = 0;
    for (std::size_t i = 0; i < digits; ++i) left_ = left_ << 8U | byte_at(head_, at++);
  }
  if (left_ >> 63U != 0) return false;
  if (is_control(opcode_)) {
    if (!final_ || compressed || left_ > kMostControl) return false;
    control_.clear();
  } else {
    if ((opcode_ == kContinuation) != in_message_) return false;
    if (compressed && (!rules_.deflate || in_message_)) return false;
  }
  if (!is_control(opcode_) && !in_message_) {
    in_message_ = true;
    compressed_ = compressed;
    inflated_ = 0;
    kind_ = opcode_ == kText ? FrameKind::text : FrameKind::binary;
    if (compressed && context_lost_) kind_ = FrameKind::raw;
  }
  if (masked) std::copy_n(head_.data() + at, 4, mask_);
  mask_at_ = 0;
  head_.clear();
  in_payload_ = true;
  if (left_ == 0) {
    std::string_view nothing;
    take_payload(nothing);
  }
  return true;
}

void WebSocketFrames::take_payload(std::string_view& bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  std::string plain(bytes.substr(0, size));
  bytes.remove_prefix(size);
  left_ -= size;
  if (rules_.masked) {
    for (char& c : plain) c = static_cast<char>(c ^ mask_[mask_at_++ & 3U]);
  }
  in_payload_ = left_ > 0;
  if (is_control(opcode_)) return take_control(plain);
  const bool ends = !in_payload_ && final_;
  take_message(plain, ends);
  if (ends) in_message_ = false;
}

void WebSocketFrames::take_control(std::string_view bytes) {
  control_ += bytes;
  if (in_payload_) return;
  const FrameKind kind = opcode_ == kPing   ? FrameKind::ping
                         : opcode_ == kPong ? FrameKind::pong
                                            : FrameKind::close;
  closing_ = closing_ || kind == FrameKind::close;
  add({kind, true, std::exchange(control_, {}), 0});
}

void WebSocketFrames::take_message(std::string_view bytes, bool ends) {
  if (bytes.empty() && !ends) return;
  FramePiece piece{kind_, ends, {}, 0};
  if (compressed_ && kind_ != FrameKind::raw) {
    inflate_into(piece, bytes, ends);
  } else {
    piece.bytes = bytes;
  }
  add(std::move(piece));
}

// Stops at the cap and where the bytes are not deflated ones. A message that needs what was skipped
// then cannot be read either.
void WebSocketFrames::inflate_into(FramePiece& piece, std::string_view bytes, bool ends) {
  if (!inflater_) inflater_ = std::make_unique<Inflater>();
  z_stream& stream = inflater_->stream;
  bool good = inflater_->ready && inflated_ <= rules_.most_inflated;
  std::array<char, 32768> block;
  for (const std::string_view part : {bytes, ends ? kTail : std::string_view()}) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    bool full = true;
    while (good && (stream.avail_in > 0 || full)) {
      stream.next_out = reinterpret_cast<Bytef*>(block.data());
      stream.avail_out = static_cast<uInt>(block.size());
      const int result = inflate(&stream, Z_SYNC_FLUSH);
      const std::size_t got = block.size() - stream.avail_out;
      full = stream.avail_out == 0;
      piece.bytes.append(block.data(), got);
      inflated_ += got;
      // A block may say that it is the last one (RFC 7692, 7.2.3.4); the next begins afresh.
      if (result == Z_STREAM_END) good = inflateReset(&stream) == Z_OK;
      good = good && (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
      if (result == Z_BUF_ERROR) break;
      good = good && inflated_ <= rules_.most_inflated;
    }
    if (!good) piece.left_out += part.data() == kTail.data() ? 0 : stream.avail_in;
  }
  if (!good) {
    inflated_ = rules_.most_inflated + 1;
    context_lost_ = rules_.keeps_context;
    if (piece.left_out == 0) piece.left_out = 1;
  }
  if (ends && (!rules_.keeps_context || !good)) inflateReset(&stream);
}

// Neighbours of one message in one feed become one piece.
void WebSocketFrames::add(FramePiece piece) {
  const bool joins = !pieces_.empty() && !pieces_.back().ends && pieces_.back().kind == piece.kind;
  if (!joins) return pieces_.push_back(std::move(piece));
  FramePiece& last = pieces_.back();
  last.bytes += piece.bytes;
  last.ends = piece.ends;
  last.left_out += piece.left_out;
}

}  // namespace albicilla
