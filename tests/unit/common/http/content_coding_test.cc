#include "common/http/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include <brotli/encode.h>
#include <gtest/gtest.h>

namespace albicilla {
namespace {

constexpr std::size_t kRoom = 10'000'000;

std::string text() {
  std::string result;
  for (int i = 0; i < 20'000; ++i) result += "line " + std::to_string(i * 7919) + "\n";
  return result;
}

std::string deflated(const std::string& bytes, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string brotli(const std::string& bytes) {
  std::string out(BrotliEncoderMaxCompressedSize(bytes.size()) + 64, '\0');
  std::size_t size = out.size();
  EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, bytes.size(),
                                    reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())));
  out.resize(size);
  return out;
}

std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string gzip(const std::string& bytes) { return deflated(bytes, 31); }

struct Case {
  std::string coding;
  std::string encoded;
};

std::vector<Case> cases() {
  return {{"gzip", gzip(text())},
          {"X-GZIP", gzip(text())},
          {"deflate", deflated(text(), 15)},
          {"deflate", deflated(text(), -15)},
          {"br", brotli(text())},
          {"zstd", zstd(text())}};
}

TEST(ContentCoding, UndoesEveryCoding) {
  for (const Case& one : cases()) {
    const DecodedContent decoded = decode_content(one.encoded, one.coding, kRoom);
    EXPECT_EQ(decoded.outcome, Decoding::whole) << one.coding;
    EXPECT_EQ(decoded.bytes, text()) << one.coding;
  }
}

TEST(ContentCoding, UndoesSeveralCodingsFromTheLastToTheFirst) {
  const DecodedContent decoded =
      decode_content(zstd(brotli(gzip("hello"))), "gzip, br ,identity,\tzstd", kRoom);
  EXPECT_EQ(decoded.outcome, Decoding::whole);
  EXPECT_EQ(decoded.bytes, "hello");
}

TEST(ContentCoding, ReadsMembersAndFramesThatFollowOneAnother) {
  EXPECT_EQ(decode_content(gzip("a") + gzip("b"), "gzip", kRoom).bytes, "ab");
  EXPECT_EQ(decode_content(zstd("a") + zstd("b"), "zstd", kRoom).bytes, "ab");
}

TEST(ContentCoding, GivesWhatACutStreamHolds) {
  for (const Case& one : cases()) {
    const auto half = std::string_view(one.encoded).substr(0, one.encoded.size() / 2);
    const DecodedContent decoded = decode_content(half, one.coding, kRoom);
    EXPECT_EQ(decoded.outcome, Decoding::cut) << one.coding;
    EXPECT_GT(decoded.bytes.size(), 1000U) << one.coding;
    EXPECT_TRUE(text().starts_with(decoded.bytes)) << one.coding;
  }
}

TEST(ContentCoding, StopsABombAtTheCap) {
  const std::string zeros(50'000'000, '\0');
  const std::vector<Case> bombs = {
      {"gzip", gzip(zeros)}, {"br", brotli(zeros)}, {"zstd", zstd(zeros)}};
  for (const Case& bomb : bombs) {
    const DecodedContent decoded = decode_content(bomb.encoded, bomb.coding, 100'000);
    EXPECT_EQ(decoded.outcome, Decoding::capped) << bomb.coding;
    EXPECT_EQ(decoded.bytes.size(), 100'000U) << bomb.coding;
  }
  EXPECT_EQ(decode_content(gzip(gzip(zeros)), "gzip, gzip", 100'000).outcome, Decoding::capped);
}

TEST(ContentCoding, FailsOnGarbageAndUnknownCodings) {
  for (const char* coding :
       {"gzip", "deflate", "br", "zstd", "compress", "gzip, dcb", "gzip,gzip,gzip,gzip,gzip"}) {
    const DecodedContent decoded = decode_content("\xFF\xFE not what it claims", coding, kRoom);
    EXPECT_EQ(decoded.outcome, Decoding::failed) << coding;
    EXPECT_EQ(decoded.bytes, "") << coding;
  }
}

TEST(ContentCoding, LeavesPlainBytesAlone) {
  for (const char* coding : {"", "identity", " , "}) {
    EXPECT_EQ(decode_content("plain", coding, kRoom).bytes, "plain");
    EXPECT_FALSE(is_encoded(coding));
  }
  EXPECT_TRUE(is_encoded("br"));
  EXPECT_EQ(decode_content("", "gzip", kRoom).outcome, Decoding::whole);
  EXPECT_EQ(decode_content("plain", "", 2).outcome, Decoding::capped);
}

}  // namespace
}  // namespace albicilla
