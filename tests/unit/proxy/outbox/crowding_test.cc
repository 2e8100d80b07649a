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

}  // namespace
}  // namespace albicilla
