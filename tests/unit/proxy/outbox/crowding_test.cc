#include "proxy/outbox/crowding.h"

#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Crowding, IsSeenWhereMoreThreadsRunThanThereAreProcessors) {
  const SystemClock clock;
  Crowding crowding(::gettid(), clock);
  std::atomic<bool> stop{false};
  std::vector<std::thread> others(4 * std::max(1U, std::thread::hardware_concurrency()));
  for (auto& other : others) {
    other = std::thread([&stop] {
      while (!stop) {
      }
    });
  }
  const SteadyTime latest = clock.steady() + std::chrono::seconds(20);
  bool seen = crowding.waits();
  while (!seen && clock.steady() < latest) {
    const SteadyTime pause = clock.steady() + std::chrono::milliseconds(50);
    while (clock.steady() < pause) {
    }
    seen = crowding.waits();
  }
  stop = true;
  for (auto& other : others) other.join();
  EXPECT_TRUE(seen);
}

TEST(Crowding, OfNoThreadIsNone) {
  const SystemClock clock;
  Crowding crowding(-1, clock);
  EXPECT_FALSE(crowding.waits());
  EXPECT_FALSE(crowding.waits());
}

class StandBackTest : public testing::Test {
 protected:
  bool wanted_after(std::chrono::milliseconds time, std::uint64_t held = 1) {
    return stand_back_.wanted(true, start_ + time, held);
  }

  const SteadyTime start_{};
  StandBack stand_back_;
};

using std::chrono::milliseconds;

TEST_F(StandBackTest, IsWantedWhileSomebodyWaits) {
  EXPECT_FALSE(stand_back_.wanted(false, start_, 1));
  EXPECT_TRUE(wanted_after(milliseconds(1)));
  EXPECT_FALSE(stand_back_.wanted(false, start_ + milliseconds(2), 1));
}

TEST_F(StandBackTest, EndsAfterASecondThoughTheCrowdStays) {
  EXPECT_TRUE(wanted_after(milliseconds(0)));
  EXPECT_TRUE(wanted_after(milliseconds(999)));
  EXPECT_FALSE(wanted_after(milliseconds(1000)));
  EXPECT_FALSE(wanted_after(milliseconds(60'000))) << "the burst is still the same";
  stand_back_.end_burst();
  EXPECT_TRUE(wanted_after(milliseconds(60'001)));
}

TEST_F(StandBackTest, EndsWhenManyRecordsWait) {
  EXPECT_TRUE(wanted_after(milliseconds(0), 4095));
  EXPECT_FALSE(wanted_after(milliseconds(0), 4096));
}

}  // namespace
}  // namespace albicilla
