#include "common/base/counters.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Counters, OfAnotherProcessAreSeenThroughThePageTheyShare) {
  auto page = Counters::make_page();
  ASSERT_TRUE(page);
  const pid_t child = ::fork();
  if (child == 0) {
    auto theirs = Counters::map(*page);
    if (!theirs) ::_exit(1);
    theirs->add(Counter::requests, 3);
    theirs->set(Gauge::connections_open, 2);
    ::_exit(0);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto ours = Counters::map(*page);
  ASSERT_TRUE(ours);
  CounterSums sums;
  ours->sum_into(sums);
  EXPECT_EQ(sums.of(Counter::requests), 3U);
  EXPECT_EQ(sums.of(Gauge::connections_open), 2);
  ::close(*page);
}

TEST(Counters, SumOverWorkersAndForgetOnlyGaugesAtARestart) {
  Counters first;
  Counters second;
  first.add(Counter::requests, 2);
  second.add(Counter::requests, 5);
  first.set(Gauge::exchanges_active, 7);
  first.reset_gauges();
  second.change(Gauge::exchanges_active, 1);
  CounterSums sums;
  first.sum_into(sums);
  second.sum_into(sums);
  EXPECT_EQ(sums.of(Counter::requests), 7U);
  EXPECT_EQ(sums.of(Gauge::exchanges_active), 1);
}

TEST(Counters, PutASpanIntoTheBucketWhoseBoundItDoesNotExceed) {
  Counters counters;
  counters.observe(Histogram::duration, std::chrono::microseconds(1'000));
  counters.observe(Histogram::duration, std::chrono::microseconds(1'001));
  counters.observe(Histogram::duration, std::chrono::hours(1));
  CounterSums sums;
  counters.sum_into(sums);
  const auto& latency = sums.histograms[static_cast<std::size_t>(Histogram::duration)];
  EXPECT_EQ(latency.buckets[0], 1U);
  EXPECT_EQ(latency.buckets[1], 1U);
  EXPECT_EQ(latency.buckets.back(), 1U);
  EXPECT_EQ(latency.count, 3U);
}

}  // namespace
}  // namespace albicilla
