#include "sink/log/clock_watch.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kWall{Microseconds(1768298400000000)};
const SteadyTime kSteady{hours(7)};

TEST(ClockWatch, BelievesAClockThatDrifts) {
  ClockWatch watch(kWall, kSteady);
  for (int minute = 1; minute < 5000; ++minute) {
    EXPECT_TRUE(
        watch.believes(kWall + minutes(minute) + seconds(2 * minute), kSteady + minutes(minute)));
  }
}

TEST(ClockWatch, HoldsAfterAJumpUntilTheClockHasGoneOnSteadily) {
  for (const hours jump : {hours(24 * 365), hours(-30)}) {
    ClockWatch watch(kWall, kSteady);
    EXPECT_FALSE(watch.believes(kWall + jump, kSteady + seconds(1)));
    EXPECT_FALSE(watch.believes(kWall + jump + minutes(30), kSteady + minutes(30)));
    EXPECT_TRUE(watch.believes(kWall + jump + minutes(61), kSteady + minutes(61)));
    EXPECT_TRUE(watch.believes(kWall + jump + minutes(62), kSteady + minutes(62)));
  }
}

TEST(ClockWatch, BelievesAgainAtOnceWhenTheClockComesBack) {
  ClockWatch watch(kWall, kSteady);
  EXPECT_FALSE(watch.believes(kWall + hours(24 * 365), kSteady + seconds(1)));
  EXPECT_TRUE(watch.believes(kWall + seconds(2), kSteady + seconds(2)));
}

TEST(ClockWatch, BeginsToWaitAnewWithEachJump) {
  ClockWatch watch(kWall, kSteady);
  EXPECT_FALSE(watch.believes(kWall + hours(24), kSteady + seconds(1)));
  EXPECT_FALSE(watch.believes(kWall + hours(48) + minutes(59), kSteady + minutes(59)));
  EXPECT_FALSE(watch.believes(kWall + hours(48) + minutes(90), kSteady + minutes(90)));
  EXPECT_TRUE(watch.believes(kWall + hours(48) + minutes(120), kSteady + minutes(120)));
}

}  // namespace
}  // namespace albicilla
