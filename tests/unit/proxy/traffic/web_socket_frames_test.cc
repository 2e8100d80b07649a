#include "proxy/traffic/web_socket_frames.h"

#include <zlib.h>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string frame(unsigned first, std::string_view payload, bool masked = false) {
  std::string bytes(1, static_cast<char>(first));
  const unsigned mask_bit = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask_bit | payload.size());
  } else {
    bytes += static_cast<char>(mask_bit | 126U);
    bytes += static_cast<char>(payload.size() >> 8U);
    bytes += static_cast<char>(payload.size() & 0xFFU);
  }
  if (!masked) return bytes.append(payload);
  const std::string mask = "\x11\x22\x33\x44";
  bytes += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return bytes;
}

// One message as permessage-deflate sends it.
class Deflater {
 public:
  explicit Deflater(bool keeps_context) : keeps_context_(keeps_context) {
    deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  std::string operator()(const std::string& text) {
    std::string out(text.size() + 1000, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out - 4);
    if (!keeps_context_) deflateReset(&stream_);
    return out;
  }

 private:
  z_stream stream_{};
  bool keeps_context_;
};

// What the pieces of a stream make, one message after the other.
struct Messages {
  std::vector<FramePiece> whole;
  std::string open;

  void take(const std::vector<FramePiece>& pieces) {
    for (const FramePiece& piece : pieces) {
      if (piece.kind != FrameKind::text && piece.kind != FrameKind::binary) {
        whole.push_back(piece);
        continue;
      }
      open += piece.bytes;
      if (!piece.ends) continue;
      whole.push_back({piece.kind, true, open, piece.left_out});
      open.clear();
    }
  }
};

std::vector<FramePiece> read(const WebSocketFrames::Rules& rules, const std::string& bytes,
                             std::size_t step) {
  WebSocketFrames frames(rules);
  Messages messages;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    messages.take(frames.feed(std::string_view(bytes).substr(at, step)));
  }
  return messages.whole;
}

FramePiece text(std::string bytes) { return {FrameKind::text, true, std::move(bytes), 0}; }

TEST(WebSocketFrames, GivesTheSameMessagesWhereverTheBytesAreCut) {
  const std::string large(70'000 / 2, 'x');
  const std::string stream = frame(0x81, "hello", true) + frame(0x01, "in ", true) +
                             frame(0x89, "p", true) + frame(0x00, "three ", true) +
                             frame(0x80, "parts", true) + frame(0x82, large, true) +
                             frame(0x81, "", true) + frame(0x88, "\x03\xE8 bye", true);
  const std::vector<FramePiece> expected = {
      text("hello"),
      {FrameKind::ping, true, "p", 0},
      text("in three parts"),
      {FrameKind::binary, true, large, 0},
      text(""),
      {FrameKind::close, true, "\x03\xE8 bye", 0},
  };
  for (const std::size_t step : {1, 2, 3, 7, 1000, 100'000}) {
    EXPECT_EQ(read({.masked = true}, stream, step), expected) << step;
  }
}

TEST(WebSocketFrames, InflatesMessagesWithAndWithoutTheContextOfThoseBefore) {
  for (const bool keeps : {false, true}) {
    Deflater deflater(keeps);
    const std::string said = "{\"type\":\"response.output_text.delta\",\"delta\":\"word\"}";
    std::string stream;
    for (int i = 0; i < 3; ++i) {
      const std::string packed = deflater(said);
      // In two frames, of which only the first says that it is compressed.
      stream += frame(0x41, packed.substr(0, 3)) + frame(0x80, packed.substr(3));
    }
    stream += frame(0x81, "plain");
    for (const std::size_t step : {1, 5, 1000}) {
      EXPECT_EQ(read({.deflate = true, .keeps_context = keeps}, stream, step),
                (std::vector{text(said), text(said), text(said), text("plain")}));
    }
  }
}

TEST(WebSocketFrames, CutsABombAndReadsOnBehindIt) {
  Deflater deflater(false);
  const std::string stream =
      frame(0xC1, deflater(std::string(1 << 20, 'x'))) + frame(0xC1, deflater("after"));
  WebSocketFrames frames({.deflate = true, .most_inflated = 100'000});
  const auto pieces = frames.feed(stream);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_LT(pieces[0].bytes.size(), 200'000U);
  EXPECT_GT(pieces[0].left_out, 0U);
  EXPECT_EQ(pieces[1], text("after"));
}

TEST(WebSocketFrames, GivesLaterMessagesAsTheyCameWhenTheirContextIsLost) {
  Deflater deflater(true);
  const std::string later = deflater("x") + "";
  const std::string stream =
      frame(0xC1, std::string("\xFF\xFF\xFF\xFF", 4)) + frame(0xC1, later) + frame(0x81, "plain");
  WebSocketFrames frames({.deflate = true, .keeps_context = true});
  const auto pieces = frames.feed(stream);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_GT(pieces[0].left_out, 0U);
  EXPECT_EQ(pieces[1], (FramePiece{FrameKind::raw, true, later, 0}));
  EXPECT_EQ(pieces[2], text("plain"));
}

TEST(WebSocketFrames, GivesEverythingBehindABrokenFrameAsRawBytes) {
  const std::string rows[] = {frame(0x83, "unknown opcode"),
                              frame(0x91, "reserved bit"),
                              frame(0xC1, "not agreed on"),
                              frame(0x80, "nothing to continue"),
                              frame(0x09, "ping in parts"),
                              frame(0x89, std::string(126, 'x')),
                              frame(0x81, "masked", true),
                              frame(0x01, "a") + frame(0x81, "b"),
                              std::string("\x82\x7F\xFF\0\0\0\0\0\0\0", 10)};
  for (const std::string& bytes : rows) {
    WebSocketFrames frames({});
    std::string kept;
    for (const FramePiece& piece : frames.feed(bytes + "more")) kept += piece.bytes;
    EXPECT_TRUE(frames.broken());
    EXPECT_TRUE(kept.ends_with(bytes.substr(bytes.size() - 1) + "more"));
    EXPECT_EQ(frames.feed("still"), (std::vector{FramePiece{FrameKind::raw, true, "still", 0}}));
  }
}

}  // namespace
}  // namespace albicilla
