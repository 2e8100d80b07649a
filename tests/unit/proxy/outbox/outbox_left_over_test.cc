#include <set>

#include "proxy/outbox/outbox.h"
#include "tests/unit/proxy/outbox/outbox_test_base.h"

namespace albicilla {
namespace {

using tests::expect_each_once;
using tests::LittleSink;
using tests::middle;

using OutboxLeftOverTest = tests::OutboxTest;

TEST_F(OutboxLeftOverTest, GoesOnWithASinkWhoseRootIsEmptyAndNamesTheGap) {
  sink.start();
  start_outbox();
  exchanges(4);
  ASSERT_TRUE(all_acknowledged(4));
  sink.stop();
  LittleSink other(scratch.path());
  other.start();
  exchanges(2);
  ASSERT_TRUE(other.wait_for(2));
  const auto gaps = other.gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from, Seq{1});
  EXPECT_EQ(gaps[0].to, Seq{4});
  other.stop();
}

TEST_F(OutboxLeftOverTest, SendsWhatAnEarlierWorkerLeftUnderItsOwnIds) {
  start_outbox();
  exchanges(7);
  abandon_outbox();
  start_outbox();
  exchanges(3);
  sink.start();
  ASSERT_TRUE(sink.wait_for(10));
  expect_each_once(sink.taken(), 10);
  std::set<ProducerId> producers;
  for (const auto& record : sink.taken()) producers.insert(record.producer);
  EXPECT_EQ(producers.size(), 2U);
  EXPECT_TRUE(sink.wait_for_retired(1)) << "the earlier one";
  stop_outbox();
  EXPECT_TRUE(segments().empty());
  EXPECT_TRUE(sink.wait_for_retired(2));
}

TEST_F(OutboxLeftOverTest, ClosesWhatADeadWorkerLeftOpenExactlyOnce) {
  start_outbox();
  OpenedFacts left;
  run([&]() -> Task<void> {
    left = opened_facts();
    outbox().opened(left);
    const PartFacts request{left.id, Direction::request, 0, Microseconds(0)};
    outbox().part(request, "asked");
    const PartFacts response{left.id, Direction::response, 0, Microseconds(2000)};
    EXPECT_TRUE(co_await outbox().written(outbox().part(response, "half an ans")));
  });
  abandon_outbox();
  sink.start();
  for (int start = 0; start < 3; ++start) {
    start_outbox();
    EXPECT_TRUE(sink.wait_for(1));
    stop_outbox();
  }
  const auto taken = sink.taken();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].exchange, left.id);
  EXPECT_NE(taken[0].middle.find("\"ending\":\"interrupted\""), std::string::npos);
  EXPECT_NE(taken[0].middle.find("half an ans"), std::string::npos);
  EXPECT_EQ(taken[0].naming.closed_at, left.started_at + Microseconds(2000));
  EXPECT_TRUE(segments().empty());
}

TEST_F(OutboxLeftOverTest, CallsAStreamCompleteWhoseTerminalEventIsInTheSpool) {
  start_outbox();
  run([&]() -> Task<void> {
    const OpenedFacts left = opened_facts();
    outbox().opened(left);
    const PartFacts response{left.id, Direction::response, 0, Microseconds(0)};
    const AnsweredFacts answered{left.id, 200, true, {}};
    outbox().answered(answered);
    const SpoolPosition said = outbox().part(response, "data: {}\n\ndata: [DONE]\n\n");
    EXPECT_TRUE(co_await outbox().written(said));
  });
  abandon_outbox();
  sink.start();
  start_outbox();
  ASSERT_TRUE(sink.wait_for(1));
  EXPECT_NE(sink.taken()[0].middle.find("\"ending\":\"complete\",\"status\":200"),
            std::string::npos);
}

TEST_F(OutboxLeftOverTest, SendsALeftOverGenerationAgainToASinkThatHasPartOfIt) {
  sink.start();
  start_outbox();
  sink.keep_from_disk(true);
  exchanges(10);
  ASSERT_TRUE(run_until([&] { return outbox().stats().sent_records == 10; }));
  abandon_outbox();
  sink.keep_from_disk(false);
  start_outbox();
  ASSERT_TRUE(sink.wait_for(10));
  stop_outbox();
  expect_each_once(sink.taken(), 10);
  EXPECT_TRUE(segments().empty());
}

TEST_F(OutboxLeftOverTest, AdoptsASlotWhoseWorkerIsGone) {
  config.slot = 5;
  config.slots = 8;
  start_outbox();
  exchanges(4);
  abandon_outbox();
  config.slot = 0;
  config.slots = 2;
  sink.start();
  start_outbox();
  ASSERT_TRUE(sink.wait_for(4));
  expect_each_once(sink.taken(), 4);
  EXPECT_TRUE(run_until([&] { return outbox().stats().unacknowledged_records == 0; }));
  stop_outbox();
  EXPECT_TRUE(segments().empty());
}

TEST_F(OutboxLeftOverTest, TakesAnotherSlotWhenItsOwnIsHeld) {
  start_outbox();
  OutboxFixture second;
  second.config.spool_directory = config.spool_directory;
  second.start_outbox();
  EXPECT_EQ(outbox().slot(), 0U);
  EXPECT_EQ(second.outbox().slot(), 1U);
}

}  // namespace
}  // namespace albicilla
