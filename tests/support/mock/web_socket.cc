#include "tests/support/mock/web_socket.h"

#include <zlib.h>

#include <array>
#include <memory>

#include <openssl/evp.h>

namespace albicilla::mock {
namespace {

constexpr std::size_t kMostMessageBytes = std::size_t{64} << 20;
constexpr std::size_t kStep = 16 * 1024;
// RFC 7692: a message's deflate ends with these four bytes, which are not sent.
constexpr std::string_view kFlushTail{"\x00\x00\xff\xff", 4};

std::string deflate_message(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> guard(&stream, &deflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  do {
    const std::size_t start = out.size();
    out.resize(start + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = static_cast<uInt>(kStep);
    deflate(&stream, Z_SYNC_FLUSH);
    out.resize(start + kStep - stream.avail_out);
  } while (stream.avail_out == 0);
  if (out.ends_with(kFlushTail)) out.resize(out.size() - kFlushTail.size());
  return out;
}

std::optional<std::string> inflate_message(std::string bytes) {
  bytes += kFlushTail;
  z_stream stream{};
  inflateInit2(&stream, -15);
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int outcome = Z_OK;
  while (outcome == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)) {
    const std::size_t start = out.size();
    if (start > kMostMessageBytes) return std::nullopt;
    out.resize(start + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = static_cast<uInt>(kStep);
    outcome = inflate(&stream, Z_SYNC_FLUSH);
    out.resize(start + kStep - stream.avail_out);
  }
  if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return std::nullopt;
  return out;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

bool is_control(WebSocketOp op) { return static_cast<unsigned>(op) >= 8; }

}  // namespace

std::string web_socket_accept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

std::string web_socket_frame(const WebSocketMessage& message, bool deflate) {
  const bool packed = deflate && !is_control(message.op);
  const std::string payload = packed ? deflate_message(message.payload) : message.payload;
  std::string frame;
  frame += static_cast<char>(0x80 | (packed ? 0x40 : 0) | static_cast<unsigned>(message.op));
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(126);
    append_big_endian(frame, payload.size(), 2);
  } else {
    frame += static_cast<char>(127);
    append_big_endian(frame, payload.size(), 8);
  }
  return frame + payload;
}

struct WebSocketReader::Frame {
  bool last = false;
  bool deflated = false;
  WebSocketOp op = WebSocketOp::text;
  std::string payload;
};

std::optional<WebSocketReader::Frame> WebSocketReader::next_frame() {
  if (in_.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(in_[0]);
  const auto second = static_cast<unsigned char>(in_[1]);
  std::size_t at = 2;
  std::uint64_t size = second & 0x7F;
  if (size >= 126) {
    const std::size_t bytes = size == 126 ? 2 : 8;
    if (in_.size() < at + bytes) return std::nullopt;
    size = big_endian(std::string_view(in_).substr(at, bytes));
    at += bytes;
  }
  failed_ = (second & 0x80) == 0 || (first & 0x30) != 0 || size > kMostMessageBytes;
  if (failed_ || in_.size() < at + 4 + size) return std::nullopt;
  Frame frame;
  frame.last = (first & 0x80) != 0;
  frame.deflated = (first & 0x40) != 0;
  frame.op = static_cast<WebSocketOp>(first & 0x0F);
  frame.payload = in_.substr(at + 4, size);
  for (std::size_t i = 0; i < size; ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ in_[at + i % 4]);
  }
  in_.erase(0, at + 4 + size);
  return frame;
}

void WebSocketReader::take(Frame frame, std::vector<WebSocketMessage>& messages) {
  if (is_control(frame.op)) {
    messages.push_back({frame.op, std::move(frame.payload)});
    return;
  }
  if (!in_message_) {
    message_ = {frame.op, {}};
    deflated_ = frame.deflated;
    in_message_ = true;
  }
  message_.payload += frame.payload;
  failed_ = message_.payload.size() > kMostMessageBytes;
  if (!frame.last || failed_) return;
  in_message_ = false;
  if (deflated_) {
    auto inflated = inflate_message(std::move(message_.payload));
    failed_ = !inflated;
    if (failed_) return;
    message_.payload = std::move(*inflated);
  }
  messages.push_back(std::move(message_));
}

std::vector<WebSocketMessage> WebSocketReader::feed(std::string_view bytes) {
  in_ += bytes;
  std::vector<WebSocketMessage> messages;
  while (!failed_) {
    auto frame = next_frame();
    if (!frame) break;
    take(std::move(*frame), messages);
  }
  return messages;
}

}  // namespace albicilla::mock
