#include "sink/log/heads_file.h"

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::ScratchDirectory;

NamedHead head_of(int number, std::uint64_t size) {
  char name[16];
  std::snprintf(name, sizeof name, "d/%06d", number);
  return {name, {size, {size / 10, sha256(name)}, size + 7}};
}

void write(FileSystem& files, const std::string& path, const std::vector<NamedHead>& heads) {
  auto writer = HeadsWriter::create(files, path);
  ASSERT_TRUE(writer);
  for (const NamedHead& named : heads) ASSERT_TRUE(writer->add(named.file, named.head));
  ASSERT_TRUE(writer->finish());
}

TEST(HeadsFile, ReadsBackManyBlocks) {
  ScratchDirectory scratch;
  DiskFileSystem files;
  std::vector<NamedHead> heads;
  for (int i = 0; i < 5000; ++i) heads.push_back(head_of(i, 100));
  write(files, scratch.path("h"), heads);
  auto reader = HeadsReader::open(files, scratch.path("h"));
  ASSERT_TRUE(reader);
  for (const NamedHead& named : heads) {
    const auto read = reader->next();
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(**read, named);
  }
  const auto end = reader->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(HeadsFile, RefusesAFileThatIsCutAnywhere) {
  ScratchDirectory scratch;
  DiskFileSystem files;
  write(files, scratch.path("h"), {head_of(1, 1), head_of(2, 2)});
  const std::string bytes = tests::bytes_of_file(scratch.path("h"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    tests::write_whole_file(scratch.path("cut"), bytes.substr(0, size));
    auto reader = HeadsReader::open(files, scratch.path("cut"));
    ASSERT_TRUE(reader);
    bool failed = false;
    for (int i = 0; i < 3 && !failed; ++i) failed = !reader->next();
    EXPECT_TRUE(failed) << size;
  }
}

TEST(HeadsFile, MergesToTheNewestOfEachName) {
  ScratchDirectory scratch;
  DiskFileSystem files;
  write(files, scratch.path("a"), {head_of(1, 1), head_of(3, 1), head_of(5, 1)});
  write(files, scratch.path("b"), {head_of(2, 2), head_of(3, 2)});
  write(files, scratch.path("c"), {head_of(3, 3), head_of(6, 3)});
  const std::string paths[] = {scratch.path("a"), scratch.path("b"), scratch.path("c")};
  std::vector<NamedHead> merged;
  ASSERT_TRUE(merge_heads(files, paths, [&](const NamedHead& named) -> Status {
    merged.push_back(named);
    return {};
  }));
  EXPECT_EQ(merged, (std::vector<NamedHead>{head_of(1, 1), head_of(2, 2), head_of(3, 3),
                                            head_of(5, 1), head_of(6, 3)}));
}

}  // namespace
}  // namespace albicilla
