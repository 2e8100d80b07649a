// Many streams at once: all arrive whole, all are logged, and what they cost in memory.
#include <algorithm>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/fault/load_run.h"

namespace albicilla::fault {
namespace {

using std::chrono::milliseconds;
using support::eventually;
using support::Pipeline;

TEST(Streams, AThousandAtOnceArriveWholeAndAreLogged) {
  Pipeline pipeline({.workers = 2});
  ASSERT_TRUE(pipeline.ready());
  const std::size_t before = pipeline.pss();
  std::size_t most = before;
  LoadRun run(pipeline, "streams",
              {"--connections", "1000", "--requests", "1000", "--stream-percent", "100", "--mock",
               "events=40 interval_ms=100"});
  ASSERT_TRUE(eventually(
      [&] {
        most = std::max(most, pipeline.pss());
        return !run.process().running();
      },
      milliseconds(120'000)));
  const auto summary = run.summary(milliseconds(0));
  std::cout << summary << "\nPSS before " << before / 1024 << " KiB, with 1,000 streams "
            << most / 1024 << " KiB, " << (most - before) / 1000 << " bytes a stream\n";
  EXPECT_EQ(summary["complete"], 1000) << summary;
  const Verdict verdict = run.verdict(milliseconds(30'000));
  std::cout << verdict.text();
  EXPECT_TRUE(verdict.sound());
  EXPECT_EQ(verdict.lines, 1000U);
}

}  // namespace
}  // namespace albicilla::fault
