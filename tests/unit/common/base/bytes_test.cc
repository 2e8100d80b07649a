#include "common/base/bytes.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Bytes, ReadsBackWhatWasWritten) {
  std::string out;
  append_integer(out, std::uint8_t{0xFE});
  append_integer(out, std::uint16_t{0xFEDC});
  append_integer(out, std::uint32_t{0xFEDCBA98});
  append_integer(out, std::uint64_t{0xFEDCBA9876543210});
  append_string(out, "text");
  append_string(out, "");
  ByteReader reader(out);
  EXPECT_EQ(reader.integer<std::uint8_t>(), 0xFE);
  EXPECT_EQ(reader.integer<std::uint16_t>(), 0xFEDC);
  EXPECT_EQ(reader.integer<std::uint32_t>(), 0xFEDCBA98U);
  EXPECT_EQ(reader.integer<std::uint64_t>(), 0xFEDCBA9876543210U);
  EXPECT_EQ(reader.string(), "text");
  EXPECT_EQ(reader.string(), "");
  EXPECT_TRUE(reader.finished());
}

TEST(Bytes, WritesTheLowByteFirst) {
  std::string out;
  append_integer(out, std::uint32_t{0x01020304});
  EXPECT_EQ(out, (std::string{4, 3, 2, 1}));
}

TEST(Bytes, NeverPassesTheEndAndStaysFailed) {
  std::string out;
  append_integer(out, std::uint32_t{1000});
  out += "short";
  ByteReader reader(out);
  EXPECT_EQ(reader.string(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.integer<std::uint8_t>(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(reader.finished());
}

TEST(Bytes, KnowsWhenSomethingIsLeftOver) {
  ByteReader reader("ab");
  EXPECT_EQ(reader.bytes(1), "a");
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.finished());
  EXPECT_EQ(reader.left(), 1U);
}

}  // namespace
}  // namespace albicilla
