#include "proxy/outbox/outbox.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/outbox_fixture.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::bytes_of_file;
using tests::FaultyFileSystem;
using tests::FileCall;
using tests::LittleSink;
using tests::OutboxFixture;

std::string middle(const std::string& request, const std::string& response) {
  return "\"request\":\"" + request + "\",\"response\":\"" + response +
         "\",\"exchange\":{\"ending\":\"complete\",\"status\":200,\"error\":\"\"}";
}

// Each exchange once, its Seqs without a gap.
void expect_each_once(const std::vector<LittleSink::Taken>& taken, std::size_t count) {
  std::set<ExchangeId> ids;
  std::map<ProducerId, std::uint64_t> last;
  for (const auto& record : taken) {
    EXPECT_TRUE(ids.insert(record.exchange).second) << "twice";
    EXPECT_EQ(record.seq.value, ++last[record.producer]);
  }
  EXPECT_EQ(ids.size(), count);
}

class OutboxTest : public ::testing::Test, public OutboxFixture {
 protected:
  ~OutboxTest() override { abandon_outbox(); }

  void exchanges(int count) {
    run([this, count]() -> Task<void> {
      for (int i = 0; i < count; ++i) co_await exchange("ask " + std::to_string(i), "answer");
    });
  }
  bool all_acknowledged(std::uint64_t count) {
    return run_until([&] { return outbox().stats().acknowledged_records >= count; });
  }

  FaultyFileSystem files{disk};
};

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

TEST_F(OutboxTest, GoesOnWithASinkWhoseRootIsEmptyAndNamesTheGap) {
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

TEST_F(OutboxTest, SendsWhatAnEarlierWorkerLeftUnderItsOwnIds) {
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

TEST_F(OutboxTest, ClosesWhatADeadWorkerLeftOpenExactlyOnce) {
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

TEST_F(OutboxTest, CallsAStreamCompleteWhoseTerminalEventIsInTheSpool) {
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

TEST_F(OutboxTest, SendsALeftOverGenerationAgainToASinkThatHasPartOfIt) {
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

TEST_F(OutboxTest, AdoptsASlotWhoseWorkerIsGone) {
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

TEST_F(OutboxTest, TakesAnotherSlotWhenItsOwnIsHeld) {
  start_outbox();
  OutboxFixture second;
  second.config.spool_directory = config.spool_directory;
  second.start_outbox();
  EXPECT_EQ(outbox().slot(), 0U);
  EXPECT_EQ(second.outbox().slot(), 1U);
}

TEST_F(OutboxTest, WithDurabilitySinkTheClosingWaitsForTheWatermark) {
  config.durability = Durability::sink;
  sink.keep_from_disk(true);
  sink.start();
  start_outbox();
  bool closed = false;
  boost::asio::co_spawn(
      loop(),
      [&]() -> Task<void> {
        const OpenedFacts opened = opened_facts();
        EXPECT_TRUE(co_await outbox().written(outbox().opened(opened)));
        const SpoolPosition last = outbox().closed(closed_facts(opened));
        EXPECT_FALSE(outbox().is_written(last));
        EXPECT_TRUE(co_await outbox().written(last));
        EXPECT_TRUE(outbox().is_written(last));
        closed = true;
      },
      boost::asio::detached);
  ASSERT_TRUE(run_until([&] { return outbox().stats().sent_records == 1; }));
  EXPECT_FALSE(closed);
  sink.keep_from_disk(false);
  EXPECT_TRUE(run_until([&] { return closed; }));
}

TEST_F(OutboxTest, WithDurabilityFsyncTheFileTakesMoreWhileTheDiskSyncs) {
  config.durability = Durability::fsync;
  sink.start();
  start_outbox(&files);
  exchanges(1);
  ASSERT_TRUE(all_acknowledged(1));
  int written = 0;
  const auto begin = [&](const char* request) {
    boost::asio::co_spawn(
        loop(),
        [&written, request, this]() -> Task<void> {
          co_await exchange(request, "answer");
          ++written;
        },
        boost::asio::detached);
  };
  files.hold(FileCall::sync);
  const std::uint64_t syncs = files.calls(FileCall::sync);
  begin("first");
  ASSERT_TRUE(run_until([&] { return files.calls(FileCall::sync) > syncs; }));
  const std::uint64_t appends = files.calls(FileCall::append);
  begin("second");
  EXPECT_TRUE(run_until([&] { return files.calls(FileCall::append) > appends; }));
  EXPECT_EQ(written, 0);
  files.release();
  EXPECT_TRUE(run_until([&] { return written == 2; }));
  EXPECT_TRUE(all_acknowledged(3));
}

TEST_F(OutboxTest, WithDurabilityFsyncNothingCountsBeforeItsSync) {
  config.durability = Durability::fsync;
  sink.start();
  start_outbox(&files);
  exchanges(1);
  ASSERT_TRUE(all_acknowledged(1));
  files.hold(FileCall::sync);
  bool written = false;
  boost::asio::co_spawn(
      loop(),
      [&]() -> Task<void> {
        co_await exchange("held", "back");
        written = true;
      },
      boost::asio::detached);
  const std::uint64_t syncs = files.calls(FileCall::sync);
  ASSERT_TRUE(run_until([&] { return files.calls(FileCall::sync) > syncs; }));
  EXPECT_FALSE(written);
  EXPECT_EQ(outbox().stats().sent_records, 1U);
  files.release();
  EXPECT_TRUE(run_until([&] { return written; }));
  EXPECT_TRUE(all_acknowledged(2));
}

TEST_F(OutboxTest, RefusesNewExchangesWhenTheSpoolIsFullAndTakesThemAgainWhenItIsNot) {
  config.spool_limit_bytes = std::uint64_t{1} << 20;
  start_outbox();
  ASSERT_TRUE(run_until([&] { return outbox().accepting(); }));
  int said = 0;
  run([&]() -> Task<void> {
    while (outbox().accepting()) {
      co_await exchange(std::string(10000, 'f'), "x");
      ++said;
    }
    // A running one still finishes, from the reserve.
    co_await exchange("running", "x");
    ++said;
  });
  EXPECT_GT(said, 50);
  sink.start();
  EXPECT_TRUE(run_until([&] { return outbox().accepting(); }));
  EXPECT_TRUE(sink.wait_for(static_cast<std::size_t>(said)));
}

TEST_F(OutboxTest, CountsWhatPassesWithoutARecordInAGapOfItsOwn) {
  config.spool_limit_bytes = std::uint64_t{1} << 20;
  start_outbox();
  ASSERT_TRUE(run_until([&] { return outbox().accepting(); }));
  std::size_t said = 0;
  run([&]() -> Task<void> {
    for (; outbox().accepting(); ++said) co_await exchange(std::string(10000, 'f'), "x");
    for (int passing = 0; passing < 3; ++passing) EXPECT_TRUE(co_await outbox().unlogged());
  });
  EXPECT_EQ(outbox().stats().gaps, 1U);
  sink.start();
  ASSERT_TRUE(run_until([&] { return outbox().accepting(); }));
  run([&]() -> Task<void> { co_await exchange("has a record again", "x"); });
  ASSERT_TRUE(sink.wait_for(said + 2));
  const LittleSink::Taken gap = sink.taken()[said];
  EXPECT_EQ(gap.kind, MessageKind::gap);
  EXPECT_NE(gap.middle.find("\"exchanges\":3"), std::string::npos) << gap.middle;
}

TEST_F(OutboxTest, LeavesAGapOfUnknownSizeWhenItDiesWhileExchangesPass) {
  start_outbox();
  run([&]() -> Task<void> {
    co_await exchange("ask", "answer");
    EXPECT_TRUE(co_await outbox().unlogged());
    EXPECT_TRUE(co_await outbox().unlogged());
  });
  abandon_outbox();
  sink.start();
  start_outbox();
  ASSERT_TRUE(sink.wait_for(2));
  const auto taken = sink.taken();
  const auto gap = std::find_if(taken.begin(), taken.end(), [](const LittleSink::Taken& each) {
    return each.kind == MessageKind::gap;
  });
  ASSERT_NE(gap, taken.end());
  EXPECT_NE(gap->middle.find("\"exchanges\":null"), std::string::npos) << gap->middle;
}

TEST_F(OutboxTest, BreaksExchangesOffWhenTheDiskIsFullButLosesNoneOfWhatWasSaid) {
  config.segment_bytes = std::uint64_t{64} << 10;
  start_outbox(&files);
  ASSERT_TRUE(run_until([&] { return outbox().accepting(); }));
  files.set_room(0);
  Status refused;
  int finished = 0;
  run([&]() -> Task<void> {
    while (refused) {
      const OpenedFacts opened = opened_facts();
      outbox().opened(opened);
      const PartFacts part{opened.id, Direction::request, 0, Microseconds(0)};
      outbox().part(part, std::string(5000, 'd'));
      refused = co_await outbox().written(outbox().closed(closed_facts(opened)));
      ++finished;
    }
  });
  EXPECT_EQ(refused.error().os_error, ENOSPC);
  EXPECT_FALSE(outbox().accepting());
  EXPECT_GT(finished, 5);  // what was reserved was used
  files.end_faults();
  sink.start();
  ASSERT_TRUE(run_until([&] { return outbox().accepting(); }));
  EXPECT_TRUE(sink.wait_for(static_cast<std::size_t>(finished)));
  expect_each_once(sink.taken(), static_cast<std::size_t>(finished));
  EXPECT_TRUE(broken.empty());
}

TEST_F(OutboxTest, EndsTheWorkerWhenASyncOrAWriteFails) {
  for (const FileCall call : {FileCall::sync, FileCall::append}) {
    config.durability = Durability::fsync;
    config.spool_directory = scratch.path(call == FileCall::sync ? "sync" : "append");
    broken.clear();
    start_outbox(&files);
    run([&]() -> Task<void> { co_await exchange("good", "x"); });
    files.fail(call, EIO, 0, 1);
    run([&]() -> Task<void> {
      const Status status = co_await outbox().written(outbox().opened(opened_facts()));
      EXPECT_FALSE(status);
      EXPECT_FALSE(co_await outbox().written(outbox().opened(opened_facts())));
    });
    ASSERT_EQ(broken.size(), 1U);
    EXPECT_EQ(broken[0].os_error, EIO);
    EXPECT_FALSE(outbox().accepting());
    abandon_outbox();
  }
}

TEST_F(OutboxTest, HoldsBackReadersWhileTooMuchWaitsForASlowDisk) {
  config.congestion_bytes = 100000;
  start_outbox(&files);
  exchanges(1);
  files.hold(FileCall::append);
  const OpenedFacts opened = opened_facts();
  outbox().opened(opened);
  std::uint32_t number = 0;
  while (!outbox().congested()) {
    const PartFacts part{opened.id, Direction::response, number++, Microseconds(0)};
    outbox().part(part, std::string(10000, 'c'));
  }
  bool calm = false;
  boost::asio::co_spawn(
      loop(),
      [&]() -> Task<void> {
        co_await outbox().uncongested();
        calm = true;
      },
      boost::asio::detached);
  loop().poll();
  EXPECT_FALSE(calm);
  files.release();
  EXPECT_TRUE(run_until([&] { return calm; }));
  EXPECT_FALSE(outbox().congested());
}

TEST_F(OutboxTest, OneLongStreamPinsNothing) {
  config.segment_bytes = std::uint64_t{64} << 10;
  sink.start();
  start_outbox();
  const OpenedFacts stream = opened_facts();
  std::string body;
  std::uint32_t number = 0;
  run([&]() -> Task<void> {
    outbox().opened(stream);
    for (int i = 0; i < 200; ++i) {
      const std::string event = "event " + std::to_string(i) + ";";
      const PartFacts part{stream.id, Direction::response, number++, Microseconds(i)};
      outbox().part(part, event);
      body += event;
      co_await exchange(std::string(5000, 'b'), "x");
    }
  });
  ASSERT_TRUE(all_acknowledged(200));
  // A megabyte has gone through; what is left is the stream's own entries and the newest segments.
  exchanges(1);
  EXPECT_TRUE(run_until([&] { return segments().size() <= 4; }));
  run([&]() -> Task<void> {
    EXPECT_TRUE(co_await outbox().written(outbox().closed(closed_facts(stream))));
  });
  ASSERT_TRUE(sink.wait_for(202));
  EXPECT_EQ(sink.taken().back().exchange, stream.id);
  EXPECT_EQ(sink.taken().back().middle, middle("", body));
}

TEST_F(OutboxTest, KeepsNothingThatWasAcknowledgedWhenItIsToForget) {
  config.forgets_acknowledged = true;
  sink.start();
  start_outbox();
  const OpenedFacts stream = opened_facts();
  run([&]() -> Task<void> {
    outbox().opened(stream);
    outbox().part({stream.id, Direction::response, 0, Microseconds(1)}, "still open");
    co_await exchange("a secret question", "a secret answer");
  });
  ASSERT_TRUE(all_acknowledged(1));
  const auto holds = [&](std::string_view text) {
    for (const std::string& path : segments()) {
      if (bytes_of_file(path).find(text) != std::string::npos) return true;
    }
    return false;
  };
  // A segment may go between the listing and the reading; then it is gone.
  EXPECT_TRUE(run_until([&] { return !holds("secret"); }));
  EXPECT_TRUE(holds("still open"));
  run([&]() -> Task<void> {
    EXPECT_TRUE(co_await outbox().written(outbox().closed(closed_facts(stream))));
  });
  ASSERT_TRUE(sink.wait_for(2));
  EXPECT_EQ(sink.taken().back().middle, middle("", "still open"));
  EXPECT_TRUE(run_until([&] { return !holds("still open"); }));
}

TEST_F(OutboxTest, NamesTheGapOfARecordThatTheDiskHasLost) {
  start_outbox();
  exchanges(3);
  std::string big(200000, 'B');
  run([&]() -> Task<void> { co_await exchange(big, "x"); });
  exchanges(2);
  abandon_outbox();
  // Overwrites the large record's request after the start has read it: a flipped disk.
  sink.set_accepting(false);
  sink.start();
  start_outbox();
  ASSERT_TRUE(run_until([&] { return outbox().stats().sinks_reached; }));
  for (const std::string& path : segments()) {
    std::string bytes = tests::bytes_of_file(path);
    const std::size_t at = bytes.find("BBBBBBBB");
    if (at == std::string::npos) continue;
    bytes.replace(at + 100, 2, "??");
    tests::write_whole_file(path, bytes);
  }
  sink.set_accepting(true);
  ASSERT_TRUE(sink.wait_for(5));
  EXPECT_EQ(outbox().stats().gaps, 1U);
  const auto gaps = sink.gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from, Seq{4});
  EXPECT_EQ(gaps[0].to, Seq{4});
}

TEST_F(OutboxTest, NamesTheGapOfAnUnreadableRecordAtTheEnd) {
  start_outbox();
  exchanges(2);
  run([&]() -> Task<void> { co_await exchange(std::string(200000, 'B'), "x"); });
  abandon_outbox();
  sink.set_accepting(false);
  sink.start();
  start_outbox();
  ASSERT_TRUE(run_until([&] { return outbox().stats().sinks_reached; }));
  for (const std::string& path : segments()) {
    std::string bytes = tests::bytes_of_file(path);
    const std::size_t at = bytes.find("BBBBBBBB");
    if (at == std::string::npos) continue;
    bytes.replace(at + 100, 2, "??");
    tests::write_whole_file(path, bytes);
  }
  sink.set_accepting(true);
  ASSERT_TRUE(sink.wait_for(2));
  ASSERT_TRUE(run_until([&] { return outbox().stats().unacknowledged_records == 0; }));
  const auto gaps = sink.gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from, Seq{3});
  EXPECT_EQ(gaps[0].to, Seq{3});
  EXPECT_EQ(outbox().stats().false_watermarks, 0U);
}

TEST_F(OutboxTest, SendsTheGapOfADamagedSpoolToTheSink) {
  start_outbox();
  exchanges(3);
  abandon_outbox();
  const std::string path = segments().front();
  const std::string bytes = tests::bytes_of_file(path);
  tests::write_whole_file(path, std::string_view(bytes).substr(0, bytes.size() - 10));
  sink.start();
  start_outbox();
  // Two whole ones, the third without its closing, and the name of what is missing.
  ASSERT_TRUE(sink.wait_for(4));
  std::map<MessageKind, int> kinds;
  for (const LittleSink::Taken& taken : sink.taken()) {
    ++kinds[taken.kind];
    if (taken.kind != MessageKind::gap) continue;
    EXPECT_NE(taken.middle.find("\"from\":" + std::to_string(taken.seq.value)), std::string::npos);
    EXPECT_NE(taken.middle.find("spool shorter than it was written"), std::string::npos);
  }
  EXPECT_EQ(kinds,
            (std::map<MessageKind, int>{
                {MessageKind::record, 2}, {MessageKind::gap, 1}, {MessageKind::recovered, 1}}));
  EXPECT_EQ(outbox().stats().gaps, 1U);
}

TEST_F(OutboxTest, SpreadsRecordsOverSinksWithProducersOfTheirOwn) {
  tests::ScratchDirectory other_place;
  LittleSink other(other_place.path());
  config.sinks.push_back(other.address());
  sink.start();
  other.start();
  start_outbox();
  run([&]() -> Task<void> {
    for (std::uint32_t i = 0; i < 10; ++i) {
      OpenedFacts opened = opened_facts();
      opened.sink = i % 2;
      outbox().opened(opened);
      EXPECT_TRUE(co_await outbox().written(outbox().closed(closed_facts(opened))));
    }
  });
  ASSERT_TRUE(sink.wait_for(5));
  ASSERT_TRUE(other.wait_for(5));
  expect_each_once(sink.taken(), 5);
  expect_each_once(other.taken(), 5);
  EXPECT_NE(sink.taken()[0].producer, other.taken()[0].producer);
  other.stop();
}

}  // namespace
}  // namespace albicilla
