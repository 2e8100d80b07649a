// A log root that is put back from an older copy: what came in between is named as a gap, once, and
// nothing stalls; albicilla-verify says gap and not tampering.
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/pipeline/child_process.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};
constexpr int kSoundButForGaps = 3;

class SinkRestoredTest : public testing::Test {
 protected:
  std::string root() const { return scratch_.path("logs"); }
  std::string copy() const { return scratch_.path("copy"); }

  // Stopped, so that the copy is one moment of the disk.
  void keep_copy(SinkChild& sink) {
    EXPECT_EQ(sink.stop(), 0) << sink.output();
    fs::copy(root(), copy(), fs::copy_options::recursive);
    sink.start();
  }
  void put_back(SinkChild& sink) {
    sink.kill();
    fs::remove_all(root());
    fs::rename(copy(), root());
    sink.start();
  }
  int verify() const {
    support::ChildProcess::Command command;
    command.arguments = {ALBICILLA_BINARY_DIR "/bin/albicilla-verify", root()};
    command.output = scratch_.path("verify");
    return support::ChildProcess(command).wait(kPatience).value_or(-1);
  }
  static void add(WireProducer& producer, int records) {
    for (int i = 0; i < records; ++i) producer.add("s" + std::to_string(i % 5), 200);
  }

  ScratchDirectory scratch_;
};

TEST_F(SinkRestoredTest, NamesWhatCameAfterTheCopyAsOneGapAndGoesOn) {
  SinkChild sink({}, root());
  WireProducer producer(sink.address(), 1);
  add(producer, 100);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  keep_copy(sink);
  add(producer, 70);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  put_back(sink);
  add(producer, 50);
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  const RootContent content = read_root(root());
  EXPECT_EQ(content.faults, std::vector<std::string>{});
  EXPECT_EQ(content.gap_lines, 1U);
  EXPECT_EQ(content.records.size(), 150U);
  EXPECT_EQ(content.records.count({hex_text(producer.id().bytes), 100}), 1U);
  EXPECT_EQ(content.records.count({hex_text(producer.id().bytes), 101}), 0U);
  EXPECT_EQ(content.records.count({hex_text(producer.id().bytes), 171}), 1U);
  EXPECT_EQ(verify(), kSoundButForGaps) << bytes_of_file(scratch_.path("verify"));
}

TEST_F(SinkRestoredTest, NamesTheGapOfAProducerThatSendsNothingMore) {
  SinkChild sink({}, root());
  WireProducer producer(sink.address(), 1);
  add(producer, 20);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  keep_copy(sink);
  add(producer, 30);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  put_back(sink);
  EXPECT_TRUE(producer.run_until(
      [&](const Watermark&) { return sink.output().find("gap written") != std::string::npos; },
      kPatience))
      << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  EXPECT_EQ(read_root(root()).gap_lines, 1U);
  EXPECT_EQ(verify(), kSoundButForGaps) << bytes_of_file(scratch_.path("verify"));
}

TEST_F(SinkRestoredTest, GoesOnWhenOnlyTheLinesWerePutBack) {
  SinkChild sink({"--commit-log", scratch_.path("commit")}, root());
  WireProducer producer(sink.address(), 1);
  add(producer, 100);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  keep_copy(sink);
  add(producer, 70);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  put_back(sink);
  add(producer, 50);
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  const RootContent content = read_root(root());
  EXPECT_EQ(content.records.size(), 220U) << "the commit log still had them";
}

}  // namespace
}  // namespace albicilla::tests
