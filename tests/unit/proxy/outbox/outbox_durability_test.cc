#include <algorithm>
#include <cerrno>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "proxy/outbox/outbox.h"
#include "tests/unit/proxy/outbox/outbox_test_base.h"

namespace albicilla {
namespace {

using tests::expect_each_once;
using tests::FileCall;
using tests::LittleSink;
using tests::middle;

using OutboxDurabilityTest = tests::OutboxTest;

TEST_F(OutboxDurabilityTest, WithDurabilitySinkTheClosingWaitsForTheWatermark) {
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

TEST_F(OutboxDurabilityTest, WithDurabilityFsyncTheFileTakesMoreWhileTheDiskSyncs) {
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

TEST_F(OutboxDurabilityTest, WithDurabilityFsyncNothingCountsBeforeItsSync) {
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

TEST_F(OutboxDurabilityTest, RefusesNewExchangesWhenTheSpoolIsFullAndTakesThemAgainWhenItIsNot) {
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

TEST_F(OutboxDurabilityTest, CountsWhatPassesWithoutARecordInAGapOfItsOwn) {
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

TEST_F(OutboxDurabilityTest, LeavesAGapOfUnknownSizeWhenItDiesWhileExchangesPass) {
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

TEST_F(OutboxDurabilityTest, BreaksExchangesOffWhenTheDiskIsFullButLosesNoneOfWhatWasSaid) {
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

TEST_F(OutboxDurabilityTest, EndsTheWorkerWhenASyncOrAWriteFails) {
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

TEST_F(OutboxDurabilityTest, HoldsBackReadersWhileTooMuchWaitsForASlowDisk) {
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

}  // namespace
}  // namespace albicilla
