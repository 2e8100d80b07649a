#include "proxy/middleware/rate_table.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

SteadyTime at(std::chrono::milliseconds time) {
  return SteadyTime{std::chrono::hours(1) + std::chrono::nanoseconds(time)};
}

using std::chrono::milliseconds;

TEST(RateTable, AllowsAMinutesWorthAtOnceAndThenTheRate) {
  std::vector<RateSlot> slots(64);
  RateTable table(slots);
  const Rate rate{60};
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(table.take("a", rate, 1, at(milliseconds(0))).allowed);
  const RateDecision refused = table.take("a", rate, 1, at(milliseconds(0)));
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.wait, std::chrono::seconds(1));
  EXPECT_TRUE(table.take("b", rate, 1, at(milliseconds(0))).allowed) << "others are not touched";
  EXPECT_FALSE(table.take("a", rate, 1, at(milliseconds(999))).allowed);
  EXPECT_TRUE(table.take("a", rate, 1, at(milliseconds(1000))).allowed);
}

TEST(RateTable, ChargesAfterwards) {
  std::vector<RateSlot> slots(64);
  RateTable table(slots);
  const Rate rate{1000};
  table.charge("a", rate, 1500, at(milliseconds(0)));
  EXPECT_FALSE(table.take("a", rate, 0, at(milliseconds(29'999))).allowed);
  EXPECT_TRUE(table.take("a", rate, 0, at(milliseconds(30'000))).allowed);
}

TEST(RateTable, LetsThroughAndCountsWhenItIsFull) {
  std::vector<RateSlot> slots(16);
  RateTable table(slots);
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(table.take("n" + std::to_string(i), Rate{1}, 1, at(milliseconds(0))).allowed);
  }
  EXPECT_EQ(table.overflows(), 184U);
  EXPECT_TRUE(table.take("late", Rate{1}, 1, at(milliseconds(61'000))).allowed);
  EXPECT_EQ(table.overflows(), 184U) << "spent slots are used again";
}

TEST(RateTable, GivesExactlyTheAllowanceToManyThreads) {
  std::vector<RateSlot> slots(64);
  RateTable table(slots);
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        if (table.take("shared", Rate{500}, 1, at(milliseconds(0))).allowed) ++allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed.load(), 500);
}

}  // namespace
}  // namespace albicilla
