#include "common/io/segment_log.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;
using tests::ScratchDirectory;

struct Read {
  std::vector<std::string> payloads;
  SegmentEnd end = SegmentEnd::not_yet;
  std::uint64_t offset = 0;
};

Read read_all(const std::string& path) {
  DiskFileSystem disk;
  auto reader = SegmentReader::open(disk, path);
  EXPECT_TRUE(reader);
  Read read;
  while (true) {
    const auto entry = reader->next();
    EXPECT_TRUE(entry);
    if (!entry || !entry->has_value()) break;
    read.payloads.emplace_back((*entry)->payload);
  }
  read.end = reader->end();
  read.offset = reader->offset();
  return read;
}

TEST(SegmentLog, NamesSortByNumberAndForeignNamesAreLeftAlone) {
  EXPECT_EQ(segment_name(26), "000000000000001a.seg");
  EXPECT_EQ(segment_number("000000000000001a.seg"), 26U);
  EXPECT_EQ(segment_number("000000000000001A.seg"), std::nullopt);
  EXPECT_EQ(segment_number("000000000000001a.seg.torn-1"), std::nullopt);
  EXPECT_EQ(segment_number("-00000000000001a.seg"), std::nullopt);
  EXPECT_EQ(segment_number(""), std::nullopt);
}

TEST(SegmentLog, ListsOldestFirst) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  for (const SegmentNumber number : {300U, 2U, 17U}) {
    ASSERT_TRUE(create_segment(disk, scratch.path(), number, 0));
  }
  tests::write_whole_file(scratch.path("lock"), "");
  const auto numbers = list_segments(disk, scratch.path());
  ASSERT_TRUE(numbers);
  EXPECT_EQ(*numbers, (std::vector<SegmentNumber>{2, 17, 300}));
}

TEST(SegmentLog, GivesBackWhatWasAppendedInBatches) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  const auto file = create_segment(disk, scratch.path(), 1, 1 << 20);
  ASSERT_TRUE(file);
  std::vector<std::string> entries;
  std::vector<std::string> payloads;
  for (int i = 0; i < 1000; ++i) {
    payloads.push_back(std::string(static_cast<std::size_t>(i * 7 % 5000), 'p') +
                       std::to_string(i));
    append_entry(entries.emplace_back(), 2, payloads.back());
  }
  const std::vector<std::string_view> batch(entries.begin(), entries.end());
  ASSERT_TRUE((*file)->append(std::span(batch).first(10)));
  ASSERT_TRUE((*file)->append(std::span(batch).subspan(10)));
  const Read read = read_all(segment_path(scratch.path(), 1));
  EXPECT_EQ(read.payloads, payloads);
  EXPECT_EQ(read.end, SegmentEnd::clean);
  EXPECT_EQ(read.offset, (*file)->size());
}

TEST(SegmentLog, ReadsEntriesLargerThanItsBuffer) {
  const ScratchDirectory scratch;
  const std::string large(5U << 20, 'L');
  std::string bytes;
  append_entry(bytes, 1, "small");
  const std::uint64_t large_offset = bytes.size();
  append_entry(bytes, 9, large);
  append_entry(bytes, 1, "after");
  tests::write_whole_file(scratch.path("a"), bytes);
  const Read read = read_all(scratch.path("a"));
  EXPECT_EQ(read.payloads, (std::vector<std::string>{"small", large, "after"}));

  DiskFileSystem disk;
  const auto file = disk.open_read(scratch.path("a"));
  ASSERT_TRUE(file);
  std::string payload;
  const auto type = read_entry(**file, large_offset, payload);
  ASSERT_TRUE(type);
  EXPECT_EQ(*type, 9);
  EXPECT_EQ(payload, large);
  EXPECT_FALSE(read_entry(**file, large_offset + 1, payload));
  EXPECT_FALSE(read_entry(**file, bytes.size(), payload));
}

TEST(SegmentLog, StopsAtTheLastWholeEntryWhereverTheFileIsCut) {
  const ScratchDirectory scratch;
  std::string bytes;
  std::vector<std::size_t> ends = {0};
  for (const std::string_view payload : {"one", "", "three"}) {
    append_entry(bytes, 1, payload);
    ends.push_back(bytes.size());
  }
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    tests::write_whole_file(scratch.path("a"), std::string_view(bytes).substr(0, size));
    const Read read = read_all(scratch.path("a"));
    std::size_t whole = 0;
    while (whole + 1 < ends.size() && ends[whole + 1] <= size) ++whole;
    EXPECT_EQ(read.payloads.size(), whole);
    EXPECT_EQ(read.offset, ends[whole]);
    EXPECT_EQ(read.end, size == ends[whole] ? SegmentEnd::clean : SegmentEnd::cut);
  }
}

TEST(SegmentLog, StopsAtDamageAndSaysWhere) {
  const ScratchDirectory scratch;
  std::string bytes;
  append_entry(bytes, 1, "good");
  const std::size_t damaged = bytes.size();
  append_entry(bytes, 1, "damaged");
  append_entry(bytes, 1, "out of reach");
  bytes[damaged + 10] = '?';
  tests::write_whole_file(scratch.path("a"), bytes);
  const Read read = read_all(scratch.path("a"));
  EXPECT_EQ(read.payloads, (std::vector<std::string>{"good"}));
  EXPECT_EQ(read.end, SegmentEnd::bad);
  EXPECT_EQ(read.offset, damaged);
}

TEST(SegmentLog, TellsAFailingDiskFromADamagedEntry) {
  DiskFileSystem disk;
  FaultyFileSystem faulty(disk);
  const ScratchDirectory scratch;
  std::string bytes;
  append_entry(bytes, 1, "good");
  tests::write_whole_file(scratch.path("a"), bytes);
  auto reader = SegmentReader::open(faulty, scratch.path("a"));
  ASSERT_TRUE(reader);
  faulty.fail(FileCall::read, EIO);
  const auto entry = reader->next();
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().os_error, EIO);
  EXPECT_EQ(reader->end(), SegmentEnd::not_yet);
}

TEST(SegmentLog, LeavesNoSegmentBehindThatHasNoRoom) {
  DiskFileSystem disk;
  FaultyFileSystem faulty(disk);
  const ScratchDirectory scratch;
  faulty.set_room(1000);
  EXPECT_FALSE(create_segment(faulty, scratch.path(), 1, 4096));
  faulty.end_faults();
  faulty.fail(FileCall::sync_directory, EIO);
  EXPECT_FALSE(create_segment(faulty, scratch.path(), 2, 0));
  const auto numbers = list_segments(disk, scratch.path());
  ASSERT_TRUE(numbers);
  EXPECT_TRUE(numbers->empty());
}

}  // namespace
}  // namespace albicilla
