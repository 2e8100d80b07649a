// DELIVERY's order where clients hang up: whoever has had the terminal event of a stream finds its
// answer whole in the log, whichever call of the worker that changes a file was its last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/shim_plan.h"
#include "tests/integration/pipeline_fixture.h"

namespace albicilla::fault {
namespace {

using support::ChatAsk;
using support::Line;
using support::Pipeline;
using support::WireClient;
using testing::AnyOf;

constexpr std::chrono::seconds kPatience{20};

// One stream through a worker that dies as `words` say. The upstream says nothing behind the
// terminal event for as long as the client stays.
struct Life {
  explicit Life(const std::string& words) : plan(Role::worker, directory.path(), words) {
    Pipeline pipeline({.environment = plan.environment(), .log_root = directory.path("log")});
    if (!pipeline.ready()) return;
    calls_before = plan.calls();
    WireClient client(pipeline.port());
    client.send(to_bytes(
        support::chat_ask({.words = "events=2 interval_ms=30 linger_ms=60000", .stream = true})));
    const std::string answer = client.read_until("[DONE]\n\n", kPatience);
    had_the_end = answer.find("[DONE]\n\n") != std::string::npos;
    client.close();
    if (had_the_end) {
      for (const Line& line : pipeline.lines_of("s-1", 1)) ending = line.json["exchange"]["ending"];
    }
    calls = plan.calls();
    died = plan.fired();
  }

  tests::ScratchDirectory directory;
  ShimPlan plan;
  std::uint64_t calls_before = 0;  // of the start
  std::uint64_t calls = 0;
  bool had_the_end = false;
  bool died = false;
  std::string ending;  // when it had
};

TEST(TerminalEvent, IsInTheSpoolBeforeItIsWithTheClient) {
  const Life whole("count");
  ASSERT_TRUE(whole.had_the_end);
  ASSERT_FALSE(whole.died);
  int died_before = 0;
  int died_behind = 0;
  for (std::uint64_t call = whole.calls_before + 1; call <= whole.calls; ++call) {
    const Life run("kill " + std::to_string(call));
    if (!run.died) continue;
    ++(run.had_the_end ? died_behind : died_before);
    if (!run.had_the_end) continue;
    EXPECT_THAT(run.ending, AnyOf("complete", "client_abort_after_end")) << "call " << call;
  }
  EXPECT_GT(died_before, 0);
  EXPECT_GT(died_behind, 0);
}

}  // namespace
}  // namespace albicilla::fault
