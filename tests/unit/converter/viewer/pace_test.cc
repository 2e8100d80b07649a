#include "converter/viewer/pace.h"

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

using namespace std::chrono_literals;

TEST(Pace, TakesAFortiethOfTheTimeWhileABurstLasts) {
  EXPECT_EQ(rest_after(10ms, 0s), 390ms);
  EXPECT_EQ(rest_after(10ms, 9s), 390ms);
}

TEST(Pace, TakesMoreWhenTheLogKeepsGrowing) {
  EXPECT_EQ(rest_after(10ms, 11s), 190ms);
  EXPECT_EQ(rest_after(10ms, 1h), 190ms);
}

TEST(Pace, NeverRestsLongerThanTheLiveTailMayWait) { EXPECT_LT(rest_after(10s, 0s), 1s); }

TEST(WaitingFiles, GivesTheOneThatWaitedLongestAndEachOnce) {
  WaitingFiles waiting;
  for (const char* name : {"b", "a", "b"}) waiting.add(name);
  EXPECT_EQ(waiting.take(), "b");
  waiting.add("b");
  EXPECT_EQ(waiting.take(), "a");
  EXPECT_EQ(waiting.take(), "b");
  EXPECT_EQ(waiting.take(), std::nullopt);
  EXPECT_TRUE(waiting.empty());
}

}  // namespace
}  // namespace albicilla::viewer
