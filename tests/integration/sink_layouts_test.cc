// Other layouts and a store beside the session layout, as a process: each record once in each,
// through kills; made anew by command; sealed files in the store before a day may go.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/pipeline/eventually.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

std::size_t lines_in(const std::string& path) {
  const std::string content = bytes_of_file(path);
  return static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
}

int run(const std::vector<std::string>& arguments, const std::string& output) {
  support::ChildProcess::Command command;
  command.arguments = arguments;
  command.arguments[0] = ALBICILLA_BINARY_DIR "/bin/" + arguments[0];
  command.output = output;
  return support::ChildProcess(command).wait(kPatience).value_or(-1);
}

TEST(SinkLayouts, HoldEachRecordOnceThroughKillsAndAreMadeAnew) {
  const ScratchDirectory scratch;
  const std::string root = scratch.path("logs");
  const std::vector<std::string> layouts = {"--layout", "events:" + scratch.path("data"),
                                            "--layout", "messages"};
  SinkChild sink(layouts, root);
  WireProducer producer(sink.address(), 1);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 100; ++i) producer.add("s" + std::to_string(i % 5), 200);
    ASSERT_TRUE(producer.run(kPatience)) << sink.output();
    sink.kill();
    sink.start();
    ASSERT_TRUE(sink.wait_ready()) << sink.output();
  }
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  const std::string events = scratch.path("data/events.jsonl");
  const std::string messages = root + "/.layouts/messages/message_log.jsonl";
  EXPECT_EQ(lines_in(events), 400U);
  EXPECT_EQ(lines_in(messages), 800U);
  EXPECT_EQ(run({"albicilla-verify", root}, scratch.path("verify")), 0);

  std::vector<std::string> command = {"albicilla-sink", "layouts",
                                      "--log-root",     root,
                                      "--listen",       "ipc://" + scratch.path("x/s.ipc")};
  command.insert(command.end(), layouts.begin(), layouts.end());
  EXPECT_EQ(run(command, scratch.path("anew")), 0) << bytes_of_file(scratch.path("anew"));
  EXPECT_EQ(lines_in(events), 400U);
  EXPECT_EQ(lines_in(scratch.path("data/.before-1/events.jsonl")), 400U);
  sink.start();
  for (int i = 0; i < 10; ++i) producer.add("s", 200);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  EXPECT_EQ(lines_in(events), 410U);
  EXPECT_EQ(lines_in(messages), 820U);
}

TEST(SinkStores, GetSealedFilesBeforeTheirDayMayGo) {
  const ScratchDirectory scratch;
  const std::string root = scratch.path("logs");
  const WallTime long_ago = SystemClock().wall() - std::chrono::hours(24 * 9);
  const std::string day = utc_day(long_ago);
  SinkChild sink({"--seal", "zstd", "--store", "local:directory=" + scratch.path("store"),
                  "--retention-days", "2"},
                 root);
  WireProducer producer(sink.address(), 1);
  producer.date(long_ago);
  for (int i = 0; i < 40; ++i) producer.add("s" + std::to_string(i % 4), 300);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_TRUE(support::eventually(
      [&] { return sink.output().find("day let go") != std::string::npos; }, kPatience))
      << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  std::size_t stored = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path("store") + "/" + day)) {
    stored += entry.path().string().ends_with(".jsonl.zst") ? 1 : 0;
  }
  EXPECT_EQ(stored, 4U);
  EXPECT_FALSE(fs::exists(root + "/" + day + "/s0.jsonl.zst"));
  // What the store holds is a log by itself.
  EXPECT_EQ(run({"albicilla-verify", scratch.path("store"), "--day", day}, scratch.path("verify")),
            0)
      << bytes_of_file(scratch.path("verify"));
}

TEST(SinkStores, SayWhatIsWrongWithASetting) {
  const ScratchDirectory scratch;
  const std::string output = scratch.path("said");
  EXPECT_NE(run({"albicilla-sink", "--log-root", scratch.path("a"), "--http", "off", "--listen",
                 "ipc://" + scratch.path("x/s.ipc"), "--store", "local:dir=/x"},
                output),
            0);
  EXPECT_NE(bytes_of_file(output).find("has no setting 'dir'"), std::string::npos)
      << bytes_of_file(output);
  EXPECT_EQ(run({"albicilla-sink", "--layout", "event"}, output), 2);
  EXPECT_NE(bytes_of_file(output).find("events"), std::string::npos) << bytes_of_file(output);
}

}  // namespace
}  // namespace albicilla::tests
