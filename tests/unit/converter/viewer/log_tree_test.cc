#include "converter/viewer/log_tree.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

void put(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "x\n";
}

TEST(LogTree, ListsDaysNewestFirstAndNothingElse) {
  const tests::ScratchDirectory root;
  for (const char* name : {"2026-01-13", "2026-02-01", "2026-13-01", ".index", "misc"}) {
    std::filesystem::create_directories(std::filesystem::path(root.path()) / name);
  }
  const auto days = list_days(root.path());
  ASSERT_TRUE(days);
  EXPECT_EQ(*days, (std::vector<std::string>{"2026-02-01", "2026-01-13"}));
}

TEST(LogTree, NamesPlainShardedAndSealedFilesOnce) {
  const tests::ScratchDirectory root;
  const std::filesystem::path day = std::filesystem::path(root.path()) / "2026-01-13";
  for (const char* name : {"b.jsonl", "b.jsonl.zst", "c.jsonl.zst", "a1/x.jsonl", ".hidden.jsonl",
                           "manifest.json", "d.jsonl.torn-1"}) {
    put(day / name);
  }
  const auto files = list_day(root.path(), "2026-01-13");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ((*files)[0].name, "2026-01-13/a1/x.jsonl");
  EXPECT_EQ((*files)[1].name, "2026-01-13/b.jsonl");
  EXPECT_FALSE((*files)[1].sealed);
  EXPECT_EQ((*files)[2].name, "2026-01-13/c.jsonl");
  EXPECT_TRUE((*files)[2].sealed);
}

TEST(LogTree, NamesNeverLeadOutOfTheRoot) {
  EXPECT_EQ(day_of("2026-01-13/s.jsonl"), "2026-01-13");
  EXPECT_EQ(day_of("2026-01-13/ab/s.jsonl"), "2026-01-13");
  EXPECT_EQ(day_of("2026-01-13/.gaps.jsonl"), "2026-01-13");
  for (const char* name :
       {"s.jsonl", "../2026-01-13/s.jsonl", "2026-01-13/../../etc/s.jsonl", "2026-01-13/.x.jsonl",
        "2026-01-13/ab/.gaps.jsonl", "2026-01-13/a/b/c.jsonl", "2026-01-13//s.jsonl",
        "/2026-01-13/s.jsonl", "2026-01-13/passwd"}) {
    EXPECT_EQ(day_of(name), "") << name;
  }
}

}  // namespace
}  // namespace albicilla::viewer
