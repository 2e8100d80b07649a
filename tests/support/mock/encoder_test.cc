#include "tests/support/mock/encoder.h"

#include <gtest/gtest.h>

#include "tests/support/mock/body_decoding.h"

namespace albicilla::mock {
namespace {

TEST(Encoder, MakesWhatTheDecoderReadsAlsoWhenFlushedInPieces) {
  const std::string text(100'000, 'x');
  for (const std::string encoding : {"gzip", "deflate", "zstd"}) {
    const auto encoder = make_encoder(encoding);
    std::string bytes = encoder->encode("first ", false);
    bytes += encoder->encode(text, false);
    bytes += encoder->encode(" last", true);
    EXPECT_EQ(decode_body(encoding, bytes), "first " + text + " last") << encoding;
    EXPECT_EQ(decode_body(encoding, bytes.substr(0, bytes.size() / 2)), std::nullopt) << encoding;
  }
  EXPECT_FALSE(make_encoder("br")->encode("text", true).empty());
  EXPECT_EQ(make_encoder("identity"), nullptr);
}

}  // namespace
}  // namespace albicilla::mock
