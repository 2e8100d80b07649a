// albicilla-sink on a disk that runs out of room or inodes: it says so, accepts nothing, loses
// nothing and goes on by itself, also when it is stopped, killed or started meanwhile.
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/pipeline/eventually.h"
#include "tests/support/sink_child.h"
#include "tests/support/small_disk.h"

namespace albicilla::tests {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

std::vector<std::string> small_flags(const std::string& commit_log = "") {
  std::vector<std::string> flags = {"--commit-segment", "256KiB", "--checkpoint-bytes", "1MiB"};
  if (!commit_log.empty()) flags.insert(flags.end(), {"--commit-log", commit_log});
  return flags;
}

bool refused(WireProducer& producer) {
  return producer.run_until([](const Watermark& mark) { return !mark.accepting; }, kPatience);
}

bool says(const SinkChild& sink, const std::string& words) {
  const std::string mark = "[" + std::to_string(sink.pid()) + "]";
  return support::eventually(
      [&] {
        const std::string output = sink.output();
        const std::size_t own = output.find(mark);
        return own != std::string::npos && output.find(words, own) != std::string::npos;
      },
      kPatience);
}

void expect_each_once(const SinkChild& sink, const WireProducer& producer) {
  const RootContent root = read_root(sink.log_root());
  EXPECT_EQ(root.faults, std::vector<std::string>{});
  EXPECT_EQ(root.gap_lines, 0U);
  ASSERT_EQ(root.records.size(), producer.added());
  for (const auto& [record, times] : root.records) EXPECT_EQ(times, 1) << record.second;
}

void add(WireProducer& producer, int records, std::size_t bytes) {
  for (int i = 0; i < records; ++i) producer.add("s" + std::to_string(i % 7), bytes);
}

// A sink takes a whole group before it notices, so one batch may be too few.
bool fills_until_refused(WireProducer& producer) {
  for (int batch = 0; batch < 20; ++batch) {
    add(producer, 500, 2000);
    const bool taken = producer.run(milliseconds(2000));
    if (!taken) return refused(producer);
  }
  return false;
}

TEST(SinkFullDisk, GoesOnByItselfWhenThereIsRoomAgain) {
  SmallDisk disk({std::uint64_t{32} << 20});
  SinkChild sink(small_flags(), disk.path("logs"));
  WireProducer producer(sink.address(), 1);
  add(producer, 50, 2000);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  for (int round = 0; round < 3; ++round) {
    disk.fill_up(300'000);
    EXPECT_TRUE(fills_until_refused(producer)) << sink.output();
    disk.free_up();
    EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  }
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, producer);
}

TEST(SinkFullDisk, WaitsForRoomForItsLinesWhenOnlyTheCommitLogHasSome) {
  SmallDisk disk(SmallDisk::Size{});
  const ScratchDirectory other;
  SinkChild sink(small_flags(other.path("commit")), disk.path("logs"));
  WireProducer producer(sink.address(), 1);
  add(producer, 10, 100);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  disk.fill_up();
  add(producer, 300, 4000);
  EXPECT_TRUE(refused(producer)) << sink.output();
  disk.free_up();
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, producer);
}

TEST(SinkFullDisk, StopsStartsAndDiesOnAFullDiskWithoutLoss) {
  SmallDisk disk({std::uint64_t{32} << 20});
  SinkChild sink(small_flags(), disk.path("logs"));
  WireProducer producer(sink.address(), 1);
  add(producer, 50, 2000);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  disk.fill_up(200'000);
  add(producer, 500, 2000);
  EXPECT_TRUE(refused(producer)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  disk.fill_up();
  sink.start();
  EXPECT_TRUE(says(sink, "no room to start")) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  sink.start();
  EXPECT_TRUE(says(sink, "no room to start")) << sink.output();
  sink.kill();
  sink.start();
  EXPECT_TRUE(says(sink, "no room to start")) << sink.output();
  disk.free_up();
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, producer);
}

TEST(SinkFullDisk, BeginsItsRootWhenTheFirstStartFindsNoRoom) {
  SmallDisk disk(SmallDisk::Size{});
  disk.fill_up();
  SinkChild sink(small_flags(), disk.path("logs"));
  EXPECT_TRUE(says(sink, "no room to start")) << sink.output();
  disk.free_up();
  WireProducer producer(sink.address(), 1);
  add(producer, 20, 100);
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, producer);
}

TEST(SinkFullDisk, GoesOnByItselfWhenThereAreInodesAgain) {
  const SmallDisk::Size few{std::uint64_t{32} << 20, 60};
  const SmallDisk::Size enough{std::uint64_t{32} << 20, 5000};
  SmallDisk disk(few);
  SinkChild sink(small_flags(), disk.path("logs"));
  WireProducer producer(sink.address(), 1);
  producer.add("first");
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  for (int i = 0; i < 200; ++i) producer.add("session-" + std::to_string(i), 100);
  EXPECT_TRUE(refused(producer)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  sink.start();
  EXPECT_TRUE(says(sink, "no room to start")) << sink.output();
  disk.resize(enough);
  EXPECT_TRUE(sink.wait_ready()) << sink.output();
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, producer);
}

}  // namespace
}  // namespace albicilla::tests
