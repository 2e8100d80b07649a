// A day's life after its last line, as a process: sealed, packed, a session erased by command, the
// day let go; albicilla-verify holds all the way, also over kills.
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/pipeline/eventually.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

class SinkSealedDaysTest : public testing::Test {
 protected:
  std::string root() const { return scratch_.path("logs"); }
  // What the program says; its exit status must be that.
  std::string run(std::vector<std::string> arguments, int status) {
    support::ChildProcess::Command command;
    arguments[0] = ALBICILLA_BINARY_DIR "/bin/" + arguments[0];
    command.arguments = std::move(arguments);
    command.output = scratch_.path("said");
    std::filesystem::remove(command.output);
    EXPECT_EQ(support::ChildProcess(command).wait(kPatience).value_or(-1), status);
    return bytes_of_file(scratch_.path("said"));
  }
  static bool says(const SinkChild& sink, const std::string& words) {
    return support::eventually([&] { return sink.output().find(words) != std::string::npos; },
                               kPatience);
  }

  ScratchDirectory scratch_;
};

TEST_F(SinkSealedDaysTest, AreSealedPackedErasedFromAndLetGo) {
  const WallTime three_days_ago = SystemClock().wall() - std::chrono::hours(72);
  const std::string day = utc_day(three_days_ago);
  SinkChild sink({"--seal", "zstd", "--shard"}, root());
  WireProducer producer(sink.address(), 1);
  producer.date(three_days_ago);
  for (int i = 0; i < 60; ++i) producer.add("s" + std::to_string(i % 3), 300);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  ASSERT_TRUE(says(sink, "days sealed")) << sink.output();
  producer.date(SystemClock().wall());
  for (int i = 0; i < 10; ++i) producer.add("today", 300);
  ASSERT_TRUE(producer.run(kPatience)) << sink.output();

  const std::string said = run({"albicilla-sink", "erase", "--log-root", root(), "--session", "s1",
                                "--until", day, "--wait", "60"},
                               0);
  EXPECT_NE(said.find("\"lines\":20"), std::string::npos) << said;
  run({"albicilla-sink", "erase", "--log-root", root()}, 2);
  sink.kill();
  sink.start();
  ASSERT_TRUE(sink.wait_ready());
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  EXPECT_NE(run({"albicilla-verify", root()}, 0).find("20 lines erased"), std::string::npos);

  SinkChild keeping({"--retention-days", "1"}, root());
  ASSERT_TRUE(says(keeping, "day let go")) << keeping.output();
  EXPECT_EQ(keeping.stop(), 0) << keeping.output();
  EXPECT_NE(run({"albicilla-verify", root()}, 0).find("1 days with 60 lines let go"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(root() + "/" + day + "/6a"));
}

}  // namespace
}  // namespace albicilla::tests
