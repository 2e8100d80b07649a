#include "proxy/outbox/outbox.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/unit/proxy/outbox/outbox_test_base.h"

namespace albicilla {
namespace {

using tests::expect_each_once;
using tests::FileCall;
using tests::middle;
using tests::OutboxTest;

TEST_F(OutboxTest, BringsAnExchangeToTheSinkAndLetsGoOfItWhenAcknowledged) {
  sink.start();
  start_outbox();
  ExchangeId id;
  run([&]() -> Task<void> { id = co_await exchange("ask", "answer"); });
  ASSERT_TRUE(sink.wait_for(1));
  const auto taken = sink.taken();
  EXPECT_EQ(taken[0].exchange, id);
  EXPECT_EQ(taken[0].seq, Seq{1});
  EXPECT_EQ(taken[0].middle, middle("ask", "answer"));
  EXPECT_EQ(taken[0].naming.session_hint, "session");
  ASSERT_TRUE(all_acknowledged(1));
  EXPECT_TRUE(outbox().accepting());
  EXPECT_TRUE(outbox().stats().sinks_reached);
  EXPECT_EQ(outbox().session_secret(), "secret of the little sink");
  stop_outbox();
  EXPECT_TRUE(segments().empty());
}

TEST_F(OutboxTest, HasWrittenWhatItSaysIsWritten) {
  start_outbox();
  run([&]() -> Task<void> {
    const OpenedFacts opened = opened_facts();
    outbox().opened(opened);
    const PartFacts part{opened.id, Direction::request, 0, Microseconds(0)};
    const SpoolPosition said = outbox().part(part, "the bytes to be found");
    EXPECT_FALSE(outbox().is_written(said));
    EXPECT_TRUE(co_await outbox().written(said));
    EXPECT_TRUE(outbox().is_written(said));
  });
  std::string all;
  for (const auto& path : segments()) all += tests::bytes_of_file(path);
  EXPECT_NE(all.find("the bytes to be found"), std::string::npos);
}

TEST_F(OutboxTest, WritesWhatNobodyWaitsForWithinThePause) {
  start_outbox();
  const OpenedFacts opened = opened_facts();
  outbox().opened(opened);
  const SpoolPosition said =
      outbox().part({opened.id, Direction::response, 0, Microseconds(0)}, "event");
  EXPECT_TRUE(run_until([&] { return outbox().is_written(said); }));
}

TEST_F(OutboxTest, WakesAllWaitersOfABatchWithFewWrites) {
  start_outbox(&files);
  run([&]() -> Task<void> { co_await exchange("first", "x"); });
  const std::uint64_t before = files.calls(FileCall::append);
  int written = 0;
  for (int i = 0; i < 500; ++i) {
    boost::asio::co_spawn(
        loop(),
        [&]() -> Task<void> {
          EXPECT_TRUE(co_await outbox().written(outbox().opened(opened_facts())));
          ++written;
        },
        boost::asio::detached);
  }
  ASSERT_TRUE(run_until([&] { return written == 500; }));
  EXPECT_LE(files.calls(FileCall::append) - before, 5U);
}

TEST_F(OutboxTest, SendsWhatWaitedWhenTheSinkComesUpLate) {
  start_outbox();
  exchanges(20);
  EXPECT_FALSE(outbox().stats().sinks_reached);
  sink.start();
  ASSERT_TRUE(sink.wait_for(20));
  expect_each_once(sink.taken(), 20);
}

TEST_F(OutboxTest, SendsAgainWhatGotLostOnTheWay) {
  sink.start();
  start_outbox();
  exchanges(5);
  ASSERT_TRUE(all_acknowledged(5));
  sink.lose_records(3);
  exchanges(20);
  ASSERT_TRUE(all_acknowledged(25));
  expect_each_once(sink.taken(), 25);
  EXPECT_GE(outbox().stats().resends, 1U);
}

TEST_F(OutboxTest, SendsAgainWhatASinkLostThatDied) {
  sink.start();
  start_outbox();
  sink.keep_from_disk(true);
  exchanges(30);
  ASSERT_TRUE(run_until([&] { return outbox().stats().sent_records == 30; }));
  sink.stop();
  exchanges(10);
  sink.keep_from_disk(false);
  sink.start();
  ASSERT_TRUE(all_acknowledged(40));
  expect_each_once(sink.taken(), 40);
}

TEST_F(OutboxTest, SurvivesASinkThatDiesOverAndOver) {
  sink.start();
  start_outbox();
  for (int round = 0; round < 8; ++round) {
    exchanges(25);
    sink.stop();
    exchanges(5);
    sink.start();
  }
  ASSERT_TRUE(all_acknowledged(240));
  expect_each_once(sink.taken(), 240);
  EXPECT_TRUE(sink.gaps().empty());
}

TEST_F(OutboxTest, KeepsItsRecordsWhileTheSinkTakesNone) {
  sink.set_accepting(false);
  sink.start();
  start_outbox();
  exchanges(10);
  ASSERT_TRUE(run_until([&] { return outbox().stats().sinks_reached; }));
  EXPECT_EQ(outbox().stats().sent_records, 0U);
  sink.set_accepting(true);
  ASSERT_TRUE(all_acknowledged(10));
  expect_each_once(sink.taken(), 10);
}

TEST_F(OutboxTest, SendsNoMoreThanTheWindowTakes) {
  sink.set_window(4000);
  sink.keep_from_disk(true);
  sink.start();
  start_outbox();
  run([&]() -> Task<void> {
    for (int i = 0; i < 10; ++i) co_await exchange(std::string(3000, 'r'), "x");
  });
  // The sink accepts, so the window opens again and again although nothing is durable.
  ASSERT_TRUE(run_until([&] { return outbox().stats().sent_records == 10; }));
  EXPECT_EQ(outbox().stats().acknowledged_records, 0U);
  sink.keep_from_disk(false);
  ASSERT_TRUE(all_acknowledged(10));
}

TEST_F(OutboxTest, CutsALargeRecordIntoPiecesAndSendsItThroughASmallWindow) {
  sink.set_window(1000);
  sink.start();
  start_outbox();
  const std::string large(std::size_t{5} << 20, 'L');
  run([&]() -> Task<void> {
    co_await exchange("small", "x");
    co_await exchange(large, "y");
    co_await exchange("small again", "z");
  });
  ASSERT_TRUE(sink.wait_for(3));
  EXPECT_EQ(sink.taken()[1].middle, middle(large, "y"));
  EXPECT_EQ(sink.taken()[2].middle, middle("small again", "z"));
}

TEST_F(OutboxTest, NeverAppliesAWatermarkAboveWhatWasSent) {
  sink.start();
  start_outbox();
  exchanges(3);
  ASSERT_TRUE(all_acknowledged(3));
  sink.claim_above(1000);
  sink.keep_from_disk(true);
  exchanges(5);
  ASSERT_TRUE(run_until([&] { return outbox().stats().false_watermarks > 0; }));
  EXPECT_EQ(outbox().stats().acknowledged_records, 3U);
  sink.claim_above(0);
  sink.keep_from_disk(false);
  ASSERT_TRUE(all_acknowledged(8));
  expect_each_once(sink.taken(), 8);
}

TEST_F(OutboxTest, RefusesTheWatermarksOfAnotherLogRoot) {
  sink.start();
  start_outbox();
  exchanges(2);
  ASSERT_TRUE(all_acknowledged(2));
  sink.set_identity(random_id<SinkId>(), 7);
  exchanges(3);
  ASSERT_TRUE(run_until([&] { return outbox().stats().foreign_sinks > 0; }));
  EXPECT_EQ(outbox().stats().acknowledged_records, 2U);
}

TEST_F(OutboxTest, RemembersItsSinkOverARestart) {
  sink.start();
  start_outbox();
  exchanges(2);
  stop_outbox();
  sink.set_identity(random_id<SinkId>(), 7);
  start_outbox();
  exchanges(3);
  ASSERT_TRUE(run_until([&] { return outbox().stats().foreign_sinks > 0; }));
  EXPECT_EQ(outbox().stats().sent_records, 0U);
  stop_outbox(std::chrono::milliseconds(0));
  config.sink_policy.accept_new_sink = true;
  start_outbox();
  ASSERT_TRUE(all_acknowledged(3));
}

}  // namespace
}  // namespace albicilla
