#include "common/io/entry.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Entry, HasTheByteLayoutThatTheFormatPagePromises) {
  std::string bytes;
  append_entry(bytes, 3, "123456789");
  // length 10, CRC-32C of 03 31 .. 39, type
  EXPECT_EQ(bytes.size(), kEntryHeaderBytes + 9);
  EXPECT_EQ(bytes.substr(0, 4), std::string("\x0a\0\0\0", 4));
  EXPECT_EQ(bytes.substr(8),
            "\x03"
            "123456789");
}

TEST(Entry, IsTheSameWithAndWithoutTheCopy) {
  std::string copied;
  append_entry(copied, 7, "payload");
  std::string in_place;
  const std::size_t start = begin_entry(in_place, 7);
  in_place.append("pay").append("load");
  end_entry(in_place, start);
  EXPECT_EQ(copied, in_place);
}

TEST(Entry, SaysHowManyBytesAreMissingWhereverItIsCut) {
  std::string bytes;
  append_entry(bytes, 1, std::string(300, 'x'));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const EntryParse parse = parse_entry(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(parse.state, EntryState::cut);
    EXPECT_GT(parse.needed_bytes, size);
    EXPECT_LE(parse.needed_bytes, bytes.size());
  }
  const std::string followed = bytes + "next";
  const EntryParse parse = parse_entry(followed);
  ASSERT_EQ(parse.state, EntryState::whole);
  EXPECT_EQ(parse.entry.payload, std::string(300, 'x'));
  EXPECT_EQ(parse.entry.frame_bytes, bytes.size());
}

TEST(Entry, FindsEveryFlippedBit) {
  std::string bytes;
  append_entry(bytes, 1, "guarded");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(parse_entry(flipped).state, EntryState::whole) << bit;
  }
}

TEST(Entry, TakesZerosAndImpossibleLengthsForDamage) {
  EXPECT_EQ(parse_entry(std::string(64, '\0')).state, EntryState::bad);
  EXPECT_EQ(parse_entry(std::string(64, '\xff')).state, EntryState::bad);
}

}  // namespace
}  // namespace albicilla
