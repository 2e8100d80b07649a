#include "sink/log/rebuild.h"

#include <gtest/gtest.h>

#include "tests/support/sink_scenario.h"

namespace albicilla {
namespace {

using tests::check_promise;
using tests::log_files;
using tests::MemoryDisk;
using tests::producer_id;
using tests::SinkRoot;

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

void lose_commit_log(MemoryDisk& disk) {
  for (const std::string& path : disk.paths()) {
    if (path.find("/.commit/") != std::string::npos) must(disk.remove(path));
  }
}

TEST(Rebuild, FindsWatermarksOffsetsAndHeadsInTheLines) {
  MemoryDisk disk;
  SinkRoot root(disk);
  ASSERT_TRUE(tests::run_scenario(root, disk));
  must(root.finish_group());
  const auto before = log_files(disk);
  lose_commit_log(disk);
  must(root.rebuild());
  EXPECT_EQ(log_files(disk), before);
  check_promise(root, disk);
  must(root.take(1, 13, "s0"));
  must(root.finish_group());
  check_promise(root, disk);
}

TEST(Rebuild, CountsItsEpochsOn) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  lose_commit_log(disk);
  must(root.rebuild());
  EXPECT_GT(root.state().epoch, 1'000'000U);
}

TEST(Rebuild, NamesTheSeqsThatAreInNoLine) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "kept"));
  must(root.take(1, 2, "lost"));
  must(root.take(1, 3, "lost"));
  must(root.take(1, 4, "kept"));
  must(root.finish_group());
  lose_commit_log(disk);
  must(disk.remove("root/2026-01-13/lost.jsonl"));
  must(root.rebuild());
  EXPECT_EQ(root.state().producers.accepted(producer_id(1)), Seq{4});
  const std::string gaps = disk.content("root/2026-01-13/.gaps.jsonl");
  EXPECT_NE(gaps.find("\"from\":2,\"to\":3}"), std::string::npos) << gaps;
  EXPECT_EQ(tests::chain_faults("2026-01-13/.gaps.jsonl", gaps), std::vector<std::string>{});
  // Named once, however often it is rebuilt.
  lose_commit_log(disk);
  must(root.rebuild());
  EXPECT_EQ(disk.content("root/2026-01-13/.gaps.jsonl"), gaps);
}

TEST(Rebuild, KeepsWhatIsLeftOfTheCommitLog) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  std::string segment;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".seg")) segment = path;
  }
  const std::string damaged = "x" + disk.content(segment).substr(1);
  disk.put(segment, damaged);
  EXPECT_FALSE(root.start());
  must(root.rebuild());
  EXPECT_EQ(disk.content("root/.commit.lost-1" + segment.substr(segment.rfind('/'))), damaged);
}

TEST(Rebuild, PassesOverALastLineThatIsTorn) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.take(1, 2, "s"));
  must(root.finish_group());
  lose_commit_log(disk);
  const std::string file = "root/2026-01-13/s.jsonl";
  const std::string good = disk.content(file);
  disk.put(file, good.substr(0, good.size() - 3));
  must(root.rebuild());
  EXPECT_EQ(root.state().producers.accepted(producer_id(1)), Seq{1});
  must(root.take(1, 2, "s"));
  must(root.finish_group());
  EXPECT_EQ(disk.content(file), good);
}

}  // namespace
}  // namespace albicilla
