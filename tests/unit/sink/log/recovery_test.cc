#include "sink/log/recovery.h"

#include <gtest/gtest.h>

#include "tests/support/memory_disk.h"
#include "tests/support/sink_root.h"
#include "tests/support/sink_scenario.h"

namespace albicilla {
namespace {

using tests::check_promise;
using tests::log_files;
using tests::MemoryDisk;
using tests::producer_id;
using tests::run_scenario;
using tests::SinkRoot;

const std::string kFile = "root/2026-01-13/s.jsonl";

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

std::size_t count_lines(const std::string& content) {
  return static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
}

std::string newest_segment(const MemoryDisk& disk) {
  std::string newest;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".seg")) newest = path;
  }
  return newest;
}

TEST(Recovery, BeginsAnEmptyRootAndCountsItsEpochs) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  EXPECT_EQ(root.state().epoch, 1U);
  must(root.start());
  EXPECT_EQ(root.state().epoch, 2U);
  must(root.checkpoint());
  must(root.start());
  EXPECT_EQ(root.state().epoch, 3U);
}

TEST(Recovery, WritesLinesThatWereCommittedButNotWritten) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  for (std::uint64_t seq = 1; seq <= 5; ++seq) must(root.take(1, seq, "s"));
  must(root.commit());
  EXPECT_EQ(disk.content(kFile), "");
  must(root.start());
  EXPECT_EQ(count_lines(disk.content(kFile)), 5U);
  EXPECT_EQ(tests::chain_faults("2026-01-13/s.jsonl", disk.content(kFile)),
            std::vector<std::string>{});
  EXPECT_EQ(root.state().producers.accepted(producer_id(1)), Seq{5});
}

TEST(Recovery, GivesTheSameFilesHoweverOftenItReplays) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  for (std::uint64_t seq = 1; seq <= 40; ++seq) {
    must(root.take(1, seq, "s" + std::to_string(seq % 7)));
    if (seq % 4 == 0) must(root.finish_group());
    if (seq == 20) must(root.checkpoint());
  }
  const auto before = log_files(disk);
  for (int i = 0; i < 3; ++i) {
    must(root.start());
    EXPECT_EQ(log_files(disk), before);
  }
}

TEST(Recovery, GoesOnWhereTheChainEnded) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  must(root.checkpoint());
  must(root.start());
  must(root.take(1, 2, "s"));
  must(root.finish_group());
  EXPECT_EQ(count_lines(disk.content(kFile)), 2U);
  EXPECT_EQ(tests::chain_faults("2026-01-13/s.jsonl", disk.content(kFile)),
            std::vector<std::string>{});
}

TEST(Recovery, TakesAGroupTornAtAnyByteForUnwritten) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  const std::string segment = newest_segment(disk);
  const std::size_t whole = disk.content(segment).size();
  must(root.take(1, 2, "s"));
  must(root.commit());
  const std::string torn = disk.content(segment);
  ASSERT_GT(torn.size(), whole);
  std::map<std::string, std::string> image;
  for (const std::string& path : disk.paths()) image[path] = disk.content(path);
  for (std::size_t size = whole; size <= torn.size(); ++size) {
    MemoryDisk copy;
    for (const auto& [path, bytes] : image) copy.put(path, bytes);
    copy.put(segment, torn.substr(0, size));
    SinkRoot again(copy);
    must(again.start());
    const std::uint64_t accepted = size == torn.size() ? 2 : 1;
    EXPECT_EQ(again.state().producers.accepted(producer_id(1)), Seq{accepted});
    EXPECT_EQ(count_lines(copy.content(kFile)), accepted);
    EXPECT_EQ(again.recovery_facts().torn_bytes, accepted == 2 ? 0 : size - whole);
  }
}

TEST(Recovery, RefusesDamageToWhatWasSynced) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    must(root.take(1, seq, "s"));
    must(root.finish_group());
  }
  const std::string segment = newest_segment(disk);
  const std::string good = disk.content(segment);
  // The last group but one: the last says that everything before it was synced.
  const std::size_t last = good.rfind("ALCG");
  const std::size_t first = good.rfind("ALCG", last - 1);
  for (std::size_t at = first; at < last; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    disk.put(segment, bad);
    SinkRoot again(disk);
    const Status started = again.start();
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().message.find(segment), std::string::npos);
    EXPECT_NE(started.error().message.find("--rebuild"), std::string::npos);
  }
}

TEST(Recovery, RefusesASegmentThatIsMissing) {
  MemoryDisk disk;
  SinkRoot root(disk, "root", 300);
  must(root.start());
  for (std::uint64_t seq = 1; seq <= 9; ++seq) {
    must(root.take(1, seq, "s"));
    must(root.finish_group());
  }
  std::vector<std::string> segments;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".seg")) segments.push_back(path);
  }
  ASSERT_GT(segments.size(), 3U);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::string bytes = disk.content(segments[i]);
    must(disk.remove(segments[i]));
    EXPECT_FALSE(SinkRoot(disk).start()) << segments[i];
    disk.put(segments[i], bytes);
  }
}

TEST(Recovery, RefusesLinesWithoutACheckpoint) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  for (const std::string& path : disk.paths()) {
    if (path.find("/.commit/") != std::string::npos) must(disk.remove(path));
  }
  const Status started = root.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("--rebuild"), std::string::npos);
}

TEST(Recovery, RefusesTheCommitLogOfAnotherRoot) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  disk.put("root/.sink/id", "0123456789abcdef0123456789abcdef\n");
  EXPECT_FALSE(root.start());
}

TEST(Recovery, UsesTheOlderCheckpointWhenTheNewestIsDamaged) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  for (std::uint64_t seq = 1; seq <= 9; ++seq) {
    must(root.take(1, seq, "s"));
    must(root.finish_group());
    if (seq % 3 == 0) must(root.checkpoint());
  }
  const auto before = log_files(disk);
  std::string newest;
  for (const std::string& path : disk.paths()) {
    if (path.find("checkpoint-") != std::string::npos) newest = path;
  }
  disk.put(newest, disk.content(newest).substr(1));
  must(root.start());
  EXPECT_EQ(root.state().producers.accepted(producer_id(1)), Seq{9});
  EXPECT_EQ(log_files(disk), before);
}

TEST(Recovery, KeepsOnlyTheSegmentsThatTwoCheckpointsNeed) {
  MemoryDisk disk;
  SinkRoot root(disk, "root", 300);
  must(root.start());
  for (std::uint64_t seq = 1; seq <= 60; ++seq) {
    must(root.take(1, seq, "s"));
    must(root.finish_group());
    if (seq % 3 == 0) must(root.checkpoint());
  }
  std::size_t segments = 0;
  std::size_t checkpoints = 0;
  std::size_t heads = 0;
  for (const std::string& path : disk.paths()) {
    if (path.ends_with(".seg")) ++segments;
    if (path.find("checkpoint-") != std::string::npos) ++checkpoints;
    if (path.find("heads-") != std::string::npos) ++heads;
  }
  EXPECT_LE(segments, 5U);
  EXPECT_EQ(checkpoints, 2U);
  EXPECT_LE(heads, 10U);
}

TEST(Recovery, MovesAsideWhatTheLogDoesNotKnow) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.take(1, 2, "t"));
  must(root.finish_group());
  must(root.checkpoint());
  must(root.take(1, 3, "s"));
  must(root.finish_group());
  const std::string good = disk.content(kFile);
  disk.put(kFile, good + "{\"half a line");
  disk.put("root/2026-01-13/t.jsonl", disk.content("root/2026-01-13/t.jsonl") + "x\n");
  must(root.start());
  EXPECT_EQ(disk.content(kFile), good);
  EXPECT_EQ(disk.content(kFile + ".torn-1"), "{\"half a line");
  // Not in the replay: looked at when the next line comes.
  must(root.take(1, 4, "t"));
  must(root.finish_group());
  EXPECT_EQ(disk.content("root/2026-01-13/t.jsonl.torn-1"), "x\n");
  EXPECT_EQ(tests::chain_faults("2026-01-13/t.jsonl", disk.content("root/2026-01-13/t.jsonl")),
            std::vector<std::string>{});
}

// Cut at the end of a group, so that nothing but the lines shows that there was more.
TEST(Recovery, PutsAsideFilesThatACutLogHasForgotten) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.take(1, 2, "t"));
  must(root.finish_group());
  must(root.checkpoint());
  must(root.take(1, 3, "s"));
  must(root.finish_group());
  const std::string t = disk.content("root/2026-01-13/t.jsonl");
  must(root.take(1, 4, "u"));
  must(root.take(1, 5, "t"));
  must(root.finish_group());
  const std::string u = disk.content("root/2026-01-13/u.jsonl");
  ASSERT_FALSE(u.empty());
  const std::string segment = newest_segment(disk);
  const std::string log = disk.content(segment);
  disk.put(segment, log.substr(0, log.rfind("ALCG")));
  must(root.start());
  EXPECT_EQ(root.recovery_facts().torn_bytes, 0U);
  EXPECT_EQ(root.recovery_facts().torn_files, 2U);
  EXPECT_EQ(disk.content("root/2026-01-13/u.jsonl.torn-1"), u);
  EXPECT_EQ(disk.content("root/2026-01-13/u.jsonl"), "");
  EXPECT_EQ(disk.content("root/2026-01-13/t.jsonl"), t);
  EXPECT_NE(disk.content("root/2026-01-13/t.jsonl.torn-1"), "");
  must(root.start());
  EXPECT_EQ(root.recovery_facts().torn_files, 0U);
}

TEST(Recovery, FillsACutFileSoThatLaterLinesStayReadable) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.take(1, 2, "s"));
  must(root.finish_group());
  must(root.checkpoint());
  must(root.take(1, 3, "s"));
  must(root.finish_group());
  const std::string good = disk.content(kFile);
  disk.put(kFile, good.substr(0, 10));
  must(root.start());
  const std::string filled = disk.content(kFile);
  EXPECT_EQ(filled.size(), good.size());
  const std::size_t third = good.rfind('\n', good.size() - 2) + 1;
  EXPECT_EQ(filled.substr(third), good.substr(third));
  EXPECT_EQ(filled.substr(10, third - 10), std::string(third - 10, '\n'));
  EXPECT_GT(root.recovery_facts().missing_bytes, 0U);
}

TEST(Recovery, GoesOnWhenRoomComesBack) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.commit());
  disk.set_room(0);
  const Status started = root.start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(is_no_room(started.error())) << started.error().message;
  disk.set_room(UINT64_MAX);
  must(root.start());
  EXPECT_EQ(count_lines(disk.content(kFile)), 1U);
}

TEST(Recovery, KeepsItsPromiseWhereverTheProcessDies) {
  for (std::uint64_t calls = 0;; ++calls) {
    SCOPED_TRACE(calls);
    MemoryDisk disk;
    disk.die_after(calls);
    SinkRoot root(disk);
    const bool lived = run_scenario(root, disk);
    disk.revive();
    must(root.start());
    check_promise(root, disk);
    if (lived || testing::Test::HasFailure()) break;
  }
}

// tests/fault has many more of these.
TEST(Recovery, KeepsItsPromiseWhereverThePowerIsCut) {
  for (std::uint64_t calls = 0;; ++calls) {
    SCOPED_TRACE(calls);
    std::mt19937_64 random(calls);
    MemoryDisk disk;
    disk.die_after(calls);
    SinkRoot root(disk);
    const bool lived = run_scenario(root, disk);
    disk.revive();
    disk.cut_power(random);
    must(root.start());
    check_promise(root, disk);
    if (lived || testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace albicilla
