#include "sink/log/commit_group.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string sealed(std::string_view entries, const GroupHeader& header) {
  std::string group(kGroupHeaderBytes, '\0');
  group += entries;
  seal_group(group, header);
  return group;
}

TEST(CommitGroup, ReadsBackWhatWasWritten) {
  const GroupHeader header{3, LogPosition{1000}, LogPosition{900}, 0};
  const std::string bytes = sealed("entries", header) + "what follows";
  const GroupParse parse = parse_group(bytes);
  ASSERT_EQ(parse.state, GroupState::whole);
  EXPECT_EQ(parse.header, (GroupHeader{3, LogPosition{1000}, LogPosition{900}, 7}));
  EXPECT_EQ(parse.entries, "entries");
}

TEST(CommitGroup, MayBeEmpty) {
  const std::string bytes = sealed("", {1, LogPosition{0}, LogPosition{0}, 0});
  EXPECT_EQ(parse_group(bytes).state, GroupState::whole);
}

TEST(CommitGroup, SaysHowManyBytesACutGroupNeeds) {
  const std::string bytes = sealed("entries", {3, LogPosition{1000}, LogPosition{900}, 0});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const GroupParse parse = parse_group(std::string_view(bytes).substr(0, cut));
    EXPECT_EQ(parse.state, GroupState::cut);
    EXPECT_EQ(parse.needed, cut < kGroupHeaderBytes ? kGroupHeaderBytes : bytes.size());
  }
}

TEST(CommitGroup, FindsEveryFlippedBit) {
  const std::string bytes = sealed("entries", {3, LogPosition{1000}, LogPosition{900}, 0});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(parse_group(changed).state, GroupState::whole) << bit;
  }
}

TEST(CommitGroup, TakesNoStretchOfZerosForAGroup) {
  EXPECT_EQ(parse_group(std::string(4096, '\0')).state, GroupState::bad);
}

TEST(SegmentHeader, ReadsBackWhatWasWrittenAndFindsEveryFlippedBit) {
  SegmentHeader header;
  header.sink.bytes.fill(9);
  header.number = 12;
  header.start = LogPosition{123456789012};
  const std::string bytes = encode(header);
  ASSERT_EQ(bytes.size(), kSegmentHeaderBytes);
  const auto read = parse_segment_header(bytes + "groups");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, header);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(parse_segment_header(changed)) << bit;
  }
  EXPECT_FALSE(parse_segment_header(bytes.substr(0, bytes.size() - 1)));
}

}  // namespace
}  // namespace albicilla
