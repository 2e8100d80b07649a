#include "common/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;
using tests::ScratchDirectory;

mode_t mode_of(const std::string& path) {
  struct stat facts {};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0);
  return facts.st_mode & 07777;
}

TEST(Fd, ClosesOnceAndMovesOwnership) {
  Fd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  Fd second = std::move(first);
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(second.get(), number);
  second.close();
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(AppendFile, AppendsManyPiecesInOrder) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  const auto file = disk.create_append(scratch.path("a"));
  ASSERT_TRUE(file);
  std::vector<std::string> texts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    texts.push_back(i % 7 == 0 ? "" : std::to_string(i) + ",");
    expected += texts.back();
  }
  const std::vector<std::string_view> pieces(texts.begin(), texts.end());
  ASSERT_TRUE((*file)->append(pieces));
  ASSERT_TRUE((*file)->append("end"));
  EXPECT_TRUE((*file)->sync());
  EXPECT_EQ(tests::bytes_of_file(scratch.path("a")), expected + "end");
  EXPECT_EQ((*file)->size(), expected.size() + 3);
}

TEST(AppendFile, ReservesBlocksWithoutGrowingAndGivesThemBackWhenCut) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  const auto file = disk.create_append(scratch.path("a"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append("abcdef"));
  ASSERT_TRUE((*file)->reserve(1 << 20));
  const auto reserved = disk.look(scratch.path("a"));
  ASSERT_TRUE(reserved && *reserved);
  EXPECT_EQ((*reserved)->bytes, 6U);
  EXPECT_GE((*reserved)->allocated_bytes, 1U << 20);
  ASSERT_TRUE((*file)->cut(3));
  ASSERT_TRUE((*file)->append("XY"));
  EXPECT_EQ(tests::bytes_of_file(scratch.path("a")), "abcXY");
  const auto after = disk.look(scratch.path("a"));
  ASSERT_TRUE(after && *after);
  EXPECT_LT((*after)->allocated_bytes, 1U << 20);
}

TEST(AppendFile, GoesOnAtTheEndWhenOpenedAgainAndIsNeverMadeTwice) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  ASSERT_TRUE((*disk.create_append(scratch.path("a")))->append("one "));
  EXPECT_FALSE(disk.create_append(scratch.path("a")));
  const auto again = disk.open_append(scratch.path("a"));
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->size(), 4U);
  ASSERT_TRUE((*again)->append("two"));
  EXPECT_EQ(tests::bytes_of_file(scratch.path("a")), "one two");
  EXPECT_FALSE(disk.open_append(scratch.path("missing")));
}

TEST(RandomFile, WritesAndReadsAtOffsets) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  const auto file = disk.open_write(scratch.path("a"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(4, "tail"));
  ASSERT_TRUE((*file)->write_at(0, "head"));
  std::string buffer(16, '?');
  const auto count = (*file)->read_at(2, buffer);
  ASSERT_TRUE(count);
  EXPECT_EQ(buffer.substr(0, *count), "adtail");
  ASSERT_TRUE((*file)->cut(5));
  EXPECT_EQ((*file)->size().value_or(0), 5U);
}

TEST(FileSystem, MakesFilesAndDirectoriesForTheirOwnerOnly) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  ASSERT_TRUE(disk.make_directories(scratch.path("x/y/z")));
  ASSERT_TRUE(disk.make_directories(scratch.path("x/y/z")));
  ASSERT_TRUE(disk.create_append(scratch.path("x/y/z/a")));
  ASSERT_TRUE(disk.open_write(scratch.path("x/y/z/b")));
  EXPECT_EQ(mode_of(scratch.path("x")), 0700U);
  EXPECT_EQ(mode_of(scratch.path("x/y/z")), 0700U);
  EXPECT_EQ(mode_of(scratch.path("x/y/z/a")), 0600U);
  EXPECT_EQ(mode_of(scratch.path("x/y/z/b")), 0600U);
  EXPECT_FALSE(disk.make_directories(scratch.path("x/y/z/a")));
  EXPECT_FALSE(disk.make_directories(scratch.path("x/y/z/a/b")));
}

TEST(FileSystem, ListsLooksRenamesAndRemoves) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  tests::write_whole_file(scratch.path("b"), "12345");
  tests::write_whole_file(scratch.path("a"), "");
  EXPECT_EQ(disk.list(scratch.path()).value_or(std::vector<std::string>{}),
            (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(disk.rename(scratch.path("b"), scratch.path("a")));
  const auto facts = disk.look(scratch.path("a"));
  ASSERT_TRUE(facts && *facts);
  EXPECT_EQ((*facts)->bytes, 5U);
  EXPECT_TRUE(disk.remove(scratch.path("a")));
  EXPECT_TRUE(disk.remove(scratch.path("a")));
  const auto gone = disk.look(scratch.path("a"));
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->has_value());
  EXPECT_FALSE(disk.list(scratch.path("missing")));
  EXPECT_TRUE(disk.sync_directory(scratch.path()));
  EXPECT_TRUE(disk.sync_file_system(scratch.path()));
}

TEST(FileSystem, LocksAFileUntilTheDescriptorGoes) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  auto first = disk.try_lock(scratch.path("lock"));
  ASSERT_TRUE(first && *first);
  EXPECT_NE(::fcntl((*first)->get(), F_GETFD) & FD_CLOEXEC, 0);
  const auto second = disk.try_lock(scratch.path("lock"));
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->has_value());
  (*first)->close();
  const auto third = disk.try_lock(scratch.path("lock"));
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->has_value());
}

TEST(FileSystem, ReadsNoFileThatIsTooLarge) {
  DiskFileSystem disk;
  const ScratchDirectory scratch;
  tests::write_whole_file(scratch.path("a"), "12345");
  EXPECT_EQ(read_file(disk, scratch.path("a"), 5).value_or(""), "12345");
  EXPECT_FALSE(read_file(disk, scratch.path("a"), 4));
  EXPECT_FALSE(read_file(disk, scratch.path("missing"), 4));
}

TEST(FileSystem, ReplacesAFileWholeOrNotAtAllWhicheverCallFails) {
  DiskFileSystem disk;
  FaultyFileSystem faulty(disk);
  const ScratchDirectory scratch;
  ASSERT_TRUE(replace_file(faulty, scratch.path("a"), "old"));
  for (const FileCall call : {FileCall::open, FileCall::append, FileCall::sync, FileCall::rename}) {
    faulty.fail(call, EIO);
    EXPECT_FALSE(replace_file(faulty, scratch.path("a"), "new"));
    EXPECT_EQ(tests::bytes_of_file(scratch.path("a")), "old");
    faulty.end_faults();
  }
  ASSERT_TRUE(replace_file(faulty, scratch.path("a"), "new"));
  EXPECT_EQ(tests::bytes_of_file(scratch.path("a")), "new");
}

TEST(FaultyFile, FillsUpInTheMiddleOfAnAppendButNotInReservedBlocks) {
  DiskFileSystem disk;
  FaultyFileSystem faulty(disk);
  const ScratchDirectory scratch;
  const auto file = faulty.create_append(scratch.path("a"));
  ASSERT_TRUE(file);
  faulty.set_room(8);
  ASSERT_TRUE((*file)->reserve(4));
  ASSERT_TRUE((*file)->append("1234"));
  const Status full = (*file)->append("56789");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().os_error, ENOSPC);
  EXPECT_EQ(tests::bytes_of_file(scratch.path("a")), "12345678");
}

TEST(FileSystem, SaysWhereAndWhatWentWrong) {
  DiskFileSystem disk;
  const auto file = disk.open_read("/nonexistent/file");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, "open /nonexistent/file: No such file or directory");
  EXPECT_EQ(file.error().os_error, ENOENT);
}

TEST(FileSystem, KnowsTheDirectoryOfAPath) {
  EXPECT_EQ(directory_of("a/b/c"), "a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
}

}  // namespace
}  // namespace albicilla
