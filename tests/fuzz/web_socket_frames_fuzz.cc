// Property: the messages are the same wherever the bytes are cut, and no uncompressed byte is lost.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/traffic/web_socket_frames.h"

namespace {

using namespace albicilla;

struct Messages {
  std::string told;  // kinds and bytes in order; control messages apart
  std::string control;
  std::size_t bytes = 0;
  bool cut = false;

  void take(const std::vector<FramePiece>& pieces) {
    for (const FramePiece& piece : pieces) {
      const bool is_control = piece.kind == FrameKind::ping || piece.kind == FrameKind::pong ||
                              piece.kind == FrameKind::close;
      std::string& out = is_control ? control : told;
      out += piece.bytes;
      if (piece.kind != FrameKind::raw && piece.ends) out += "|" + std::to_string(out.size());
      bytes += piece.bytes.size();
      cut = cut || piece.left_out > 0;
    }
  }
};

Messages read(const WebSocketFrames::Rules& rules, std::string_view stream, std::size_t step) {
  WebSocketFrames frames(rules);
  Messages messages;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    messages.take(frames.feed(stream.substr(at, step)));
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  WebSocketFrames::Rules rules;
  rules.masked = (bytes[0] & 1U) != 0;
  rules.deflate = (bytes[0] & 2U) != 0;
  rules.keeps_context = (bytes[0] & 4U) != 0;
  rules.most_inflated = 100'000;
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const Messages whole = read(rules, stream, stream.size() + 1);
  const Messages cut = read(rules, stream, bytes[1] % 32 + std::size_t{1});
  if (whole.cut != cut.cut) std::abort();
  if (!whole.cut && (whole.told != cut.told || whole.control != cut.control)) std::abort();
  if (!rules.deflate && whole.bytes > stream.size()) std::abort();
  if (whole.bytes > stream.size() + (stream.size() + 1) * 2 * rules.most_inflated) std::abort();
  return 0;
}
