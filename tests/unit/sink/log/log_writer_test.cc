#include "sink/log/log_writer.h"

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::bytes_of_file;
using tests::FaultyFileSystem;
using tests::FileCall;
using tests::ScratchDirectory;

void add(std::string& group, const std::string& file, std::uint64_t offset,
         const std::string& line) {
  CommitEntry entry;
  entry.kind = CommitKind::record;
  entry.write = {file, offset, line};
  append_commit_entry(group, entry);
}

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

TEST(LogWriter, WritesLinesAtTheirPlacesWhateverTheirOrder) {
  ScratchDirectory scratch;
  DiskFileSystem files;
  LogWriter writer(files, scratch.path(), 8);
  std::string group;
  add(group, "day/a.jsonl", 0, "a1\n");
  add(group, "day/b.jsonl", 0, "b1\n");
  add(group, "day/a.jsonl", 3, "a2\n");
  must(writer.write_group(group));
  must(writer.write_group(group));
  EXPECT_EQ(bytes_of_file(scratch.path("day/a.jsonl")), "a1\na2\n");
  EXPECT_EQ(bytes_of_file(scratch.path("day/b.jsonl")), "b1\n");
}

TEST(LogWriter, WritesNeighboursInOneCall) {
  ScratchDirectory scratch;
  DiskFileSystem disk;
  FaultyFileSystem files(disk);
  LogWriter writer(files, scratch.path(), 8);
  std::string group;
  for (std::uint64_t i = 0; i < 100; ++i) {
    add(group, "day/a.jsonl", i * 3, "a1\n");
    add(group, "day/b.jsonl", i * 3, "b1\n");
  }
  must(writer.write_group(group));
  EXPECT_EQ(files.calls(FileCall::append), 2U);
  EXPECT_EQ(bytes_of_file(scratch.path("day/b.jsonl")).size(), 300U);
}

TEST(LogWriter, KeepsABoundedNumberOfFilesOpen) {
  ScratchDirectory scratch;
  DiskFileSystem disk;
  FaultyFileSystem files(disk);
  LogWriter writer(files, scratch.path(), 4);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      std::string group;
      add(group, "day/" + std::to_string(i) + ".jsonl", static_cast<std::uint64_t>(round) * 2,
          "x\n");
      must(writer.write_group(group));
      EXPECT_LE(writer.open_files(), 4U);
    }
  }
  EXPECT_EQ(files.calls(FileCall::open), 40U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(bytes_of_file(scratch.path("day/" + std::to_string(i) + ".jsonl")), "x\nx\n");
  }
}

TEST(LogWriter, DoesAGroupAgainAfterItFoundNoRoom) {
  ScratchDirectory scratch;
  DiskFileSystem disk;
  FaultyFileSystem files(disk);
  LogWriter writer(files, scratch.path(), 4);
  std::string group;
  add(group, "day/a.jsonl", 0, "aaaa\n");
  add(group, "day/b.jsonl", 0, "bbbb\n");
  files.set_room(7);
  EXPECT_FALSE(writer.write_group(group));
  files.end_faults();
  must(writer.write_group(group));
  EXPECT_EQ(bytes_of_file(scratch.path("day/a.jsonl")), "aaaa\n");
  EXPECT_EQ(bytes_of_file(scratch.path("day/b.jsonl")), "bbbb\n");
}

}  // namespace
}  // namespace albicilla
