// The promise under kill -9: every request that was answered completely has exactly one line.
#include <signal.h>

#include <iostream>

#include <gtest/gtest.h>

#include "tests/fault/load_run.h"

namespace albicilla::fault {
namespace {

using std::chrono::milliseconds;
using support::eventually;
using support::Pipeline;

constexpr milliseconds kLoadBound{240'000};
constexpr milliseconds kLogBound{60'000};

class KillTest : public testing::Test {
 protected:
  void start(unsigned workers) {
    pipeline_ = std::make_unique<Pipeline>(Pipeline::Options{.workers = workers});
    ASSERT_TRUE(pipeline_->ready());
    ASSERT_EQ(pipeline_->workers().size(), workers);
    ASSERT_EQ(pipeline_->sinks().size(), 1U);
  }

  void TearDown() override {
    if (HasFailure() && pipeline_) std::cerr << "proxy and sink said:\n" << pipeline_->output();
  }

  // Kills when the provider has seen `count` requests.
  void kill_at(const LoadRun& run, std::uint64_t count, pid_t pid) {
    ASSERT_TRUE(eventually([&] { return run.provider_requests() >= count; }, kLoadBound));
    ASSERT_EQ(kill(pid, SIGKILL), 0);
  }

  void expect_sound(LoadRun& run, std::uint64_t least_complete) {
    const auto summary = run.summary(kLoadBound);
    ASSERT_TRUE(summary.is_object());
    std::cout << summary << "\n";
    EXPECT_GE(summary["complete"], least_complete);
    const Verdict early = run.verdict(kLogBound);
    EXPECT_TRUE(early.sound()) << early.text();
    EXPECT_EQ(pipeline_->stop(), 0);
    const Verdict verdict = run.verdict(milliseconds(0));
    std::cout << verdict.text();
    EXPECT_TRUE(verdict.sound());
    EXPECT_GE(verdict.answered, least_complete);
  }

  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(KillTest, KeepsEveryAnsweredRequestOnceWhenSinkAndWorkerAreKilled) {
  start(2);
  LoadRun run(*pipeline_, "kill", {"--connections", "64", "--requests", "20000"});
  kill_at(run, 6'000, pipeline_->sinks().front());
  kill_at(run, 12'000, pipeline_->workers().front());
  expect_sound(run, 19'000);
}

TEST_F(KillTest, SurvivesManyKillsInARow) {
  start(2);
  LoadRun run(*pipeline_, "kills",
              {"--connections", "32", "--requests", "12000", "--hang-up-percent", "20"});
  for (std::uint64_t round = 1; round <= 8; ++round) {
    ASSERT_TRUE(eventually([&] { return pipeline_->sinks().size() == 1; }));
    ASSERT_TRUE(eventually([&] { return pipeline_->workers().size() == 2; }));
    const pid_t victim =
        round % 2 == 0 ? pipeline_->workers()[round / 2 % 2] : pipeline_->sinks().front();
    kill_at(run, round * 1'300, victim);
  }
  expect_sound(run, 10'000);
}

TEST_F(KillTest, KeepsEveryAnsweredRequestOnceWhenTheSupervisorIsKilled) {
  start(2);
  LoadRun run(*pipeline_, "supervisor",
              {"--connections", "32", "--requests", "6000", "--timeout-ms", "5000"});
  const std::vector<pid_t> workers = pipeline_->workers();
  kill_at(run, 2'000, pipeline_->supervisor());
  ASSERT_TRUE(eventually([&] {
    return std::none_of(workers.begin(), workers.end(),
                        [](pid_t pid) { return kill(pid, 0) == 0; });
  })) << "workers live on without their supervisor";
  ASSERT_TRUE(pipeline_->start());
  // The provider had counted 2,000, our own looks at its counters among them; those under way on
  // the 32 connections may have been cut.
  expect_sound(run, 1'800);
}

}  // namespace
}  // namespace albicilla::fault
