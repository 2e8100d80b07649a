// What producers that end tell the sink: how many exchanges they had begun, and closed.
#include <gtest/gtest.h>

#include "tests/support/outbox_fixture.h"

namespace albicilla {
namespace {

using tests::LittleSink;
using tests::OutboxFixture;

class TotalsTest : public OutboxFixture, public ::testing::Test {
 protected:
  void close(int exchanges) {
    run([&]() -> Task<void> {
      for (int i = 0; i < exchanges; ++i) co_await exchange("asked", "answered");
    });
  }

  void leave_open(int exchanges) {
    run([&]() -> Task<void> {
      for (int i = 0; i < exchanges; ++i) {
        const OpenedFacts left = opened_facts();
        outbox().opened(left);
        const PartFacts request{left.id, Direction::request, 0, Microseconds(0)};
        EXPECT_TRUE(co_await outbox().written(outbox().part(request, "asked")));
      }
    });
    abandon_outbox();
  }

  // By how many it has closed, because who is who nobody knows.
  std::optional<std::uint64_t> opened_by_the_one_that_closed(std::uint64_t closed) {
    for (const auto& [producer, totals] : sink.retired()) {
      if (totals.closed == Seq{closed}) return totals.opened;
    }
    return std::nullopt;
  }
};

TEST_F(TotalsTest, AWorkerThatEndsHasClosedWhatItOpened) {
  sink.start();
  start_outbox();
  close(3);
  ASSERT_TRUE(sink.wait_for(3));
  stop_outbox();
  ASSERT_TRUE(sink.wait_for_retired(1));
  EXPECT_EQ(opened_by_the_one_that_closed(3), 3U);
}

TEST_F(TotalsTest, WhatADeadWorkerLeftOpenIsClosedByTheRecoveryThatOpensNothing) {
  start_outbox();
  close(3);
  leave_open(2);
  sink.start();
  start_outbox();
  ASSERT_TRUE(sink.wait_for(5));
  ASSERT_TRUE(sink.wait_for_retired(2));
  EXPECT_EQ(opened_by_the_one_that_closed(3), 5U);
  EXPECT_EQ(opened_by_the_one_that_closed(2), 0U);
}

TEST_F(TotalsTest, TheRecoverySpeaksForADeadWorkerThatHasClosedNothing) {
  start_outbox();
  leave_open(2);
  sink.start();
  start_outbox();
  ASSERT_TRUE(sink.wait_for(2));
  ASSERT_TRUE(sink.wait_for_retired(1));
  EXPECT_EQ(opened_by_the_one_that_closed(2), 2U);
}

TEST_F(TotalsTest, NobodySaysWhatHeCannotKnow) {
  start_outbox();
  close(3);
  leave_open(2);
  start_outbox();  // closes the two, and dies before a sink has heard of it
  ASSERT_TRUE(run_until([&] { return outbox().stats().unacknowledged_records == 5; }));
  abandon_outbox();
  sink.start();
  start_outbox();
  ASSERT_TRUE(sink.wait_for(5));
  ASSERT_TRUE(sink.wait_for_retired(2));
  EXPECT_EQ(opened_by_the_one_that_closed(3), std::nullopt);
  EXPECT_EQ(opened_by_the_one_that_closed(2), std::nullopt);
}

}  // namespace
}  // namespace albicilla
