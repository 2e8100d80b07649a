#include "sink/store/pacer.h"

#include <thread>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucket, MakesBytesWaitForThoseBeforeThem) {
  TokenBucket bucket(1000);
  const SteadyTime start{};
  EXPECT_EQ(bucket.take(500, start), 0ns);
  EXPECT_EQ(bucket.take(500, start), 500ms);
  EXPECT_EQ(bucket.take(1, start + 200ms), 800ms);
}

TEST(TokenBucket, SavesNothingUpForLater) {
  TokenBucket bucket(1000);
  EXPECT_EQ(bucket.take(100, SteadyTime{}), 0ns);
  EXPECT_EQ(bucket.take(100, SteadyTime{10s}), 0ns);
  EXPECT_EQ(bucket.take(100, SteadyTime{10s}), 100ms);
}

TEST(TokenBucket, WithoutALimitNeverWaits) {
  TokenBucket bucket(0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.take(UINT32_MAX, SteadyTime{}), 0ns);
}

TEST(Pacer, WakesEverybodyWhenItIsStopped) {
  const SystemClock clock;
  Pacer pacer(clock, 1);
  EXPECT_TRUE(pacer.wait_to_send(1'000'000));
  std::thread sender([&] { EXPECT_FALSE(pacer.wait_to_send(1)); });
  std::thread waiter([&] { EXPECT_FALSE(pacer.wait_for(1h)); });
  pacer.stop();
  sender.join();
  waiter.join();
  EXPECT_TRUE(pacer.stopped());
}

}  // namespace
}  // namespace albicilla
