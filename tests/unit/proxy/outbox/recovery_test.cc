#include "proxy/outbox/recovery.h"

#include <cerrno>

#include "tests/support/faulty_file.h"
#include "tests/unit/proxy/outbox/recovery_fixture.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;

TEST_F(RecoveryTest, LeavesClosedExchangesAloneAndClosesOpenOnes) {
  Batch batch;
  batch.opened(opened(1));
  batch.part(answer(1, 0), "whole");
  batch.opened(opened(2));
  batch.part(answer(2, 0), "ha");
  batch.closed(closed(1), Seq{1});
  batch.part(answer(2, 1), "lf");
  write_generation(1, batch);
  const Held held = restart();
  EXPECT_TRUE(settled);
  EXPECT_EQ(held, (Held{{id(1), {Ending::complete, "whole", Seq{1}}},
                        {id(2), {Ending::interrupted, "half", Seq{1}}}}));
  EXPECT_EQ(counters.recovered_exchanges, 1U);
  EXPECT_EQ(restart(), held);
  EXPECT_EQ(counters.recovered_exchanges, 1U);
}

// Two exchanges, the second of which has lost its `closed` to damage.

// Cut to look like the torn end of a last write, and nothing says any more that it is none.

TEST_F(RecoveryTest, CallsAStreamCompleteOnlyWithItsTerminalEvent) {
  Batch batch;
  batch.opened(opened(1));
  batch.part(answer(1, 0), "data: {}\n\ndata: [DO");
  batch.part(answer(1, 1), "NE]\n\n");
  batch.opened(opened(2));
  batch.part(answer(2, 0), "data: {}\n\ndata: [DO");
  write_generation(1, batch);
  const Held held = restart();
  EXPECT_EQ(held.at(id(1)).ending, Ending::complete);
  EXPECT_EQ(held.at(id(2)).ending, Ending::interrupted);
}

TEST_F(RecoveryTest, TakesStatusHeadersAndTimesFromWhatIsThere) {
  ExchangeBuilder exchange;
  Batch batch;
  batch.opened(opened(1));
  batch.answered({id(1), 206, true, {{"a", "b"}}});
  batch.part({id(1), Direction::request, 0, Microseconds(5)}, "ask");
  batch.part(answer(1, 0), "answ");
  std::string_view rest = batch.bytes();
  while (!rest.empty()) {
    const EntryParse parse = parse_entry(rest);
    ASSERT_TRUE(exchange.add(static_cast<EntryType>(parse.entry.type), parse.entry.payload));
    rest.remove_prefix(parse.entry.frame_bytes);
  }
  const ClosedFacts facts = closed_by_recovery(exchange, false);
  EXPECT_EQ(facts.status, 206);
  EXPECT_TRUE(facts.streaming);
  EXPECT_EQ(facts.response_headers, (Headers{{"a", "b"}}));
  EXPECT_EQ(facts.closed_at, opened(1).started_at + Microseconds(500));
  EXPECT_EQ(facts.first_byte, Microseconds(500));
  EXPECT_EQ(facts.request_bytes, 3U);
  EXPECT_EQ(facts.response_bytes, 4U);
  EXPECT_EQ(facts.ending, Ending::interrupted);
  EXPECT_FALSE(facts.error.empty());
}

TEST_F(RecoveryTest, NeverRecoversWhatIsClosedInAnyGeneration) {
  Batch first;
  first.opened(opened(1));
  first.part(answer(1, 0), "x");
  write_generation(1, first);
  // An earlier recovery that died before it could set its marker.
  Batch second;
  second.opened(opened(1));
  second.part(answer(1, 0), "x");
  second.closed(closed(1), Seq{1});
  write_generation(2, second);
  EXPECT_EQ(restart(), (Held{{id(1), {Ending::complete, "x", Seq{1}}}}));
  EXPECT_EQ(counters.recovered_exchanges, 0U);
}

TEST_F(RecoveryTest, JoinsWhatAnUnfinishedRecoveryHadCopied) {
  Batch first;
  first.opened(opened(1));
  first.part(answer(1, 0), "a");
  first.part(answer(1, 1), "b");
  write_generation(1, first);
  Batch unfinished;
  unfinished.opened(opened(1));
  unfinished.part(answer(1, 0), "a");
  write_generation(2, unfinished);
  EXPECT_EQ(restart(), (Held{{id(1), {Ending::interrupted, "ab", Seq{1}}}}));
}

TEST_F(RecoveryTest, DeletesNothingThatProvesAClosingBeforeTheMarkersStand) {
  Batch first;
  first.opened(opened(1));
  write_generation(1, first);
  Batch second;
  second.opened(opened(1));
  second.closed(closed(1), Seq{1});
  write_generation(2, second);
  FaultyFileSystem files(disk);
  Backlog backlog(files, slot, room, counters);
  backlog.read({1, 2});
  files.fail(FileCall::open, ENOSPC);
  EXPECT_FALSE(backlog.settle({generation_directory(slot, 3), facts(), {1 << 20, false}}));
  backlog.generations()[1].generation->index.acknowledge(0, Seq{1});
  EXPECT_TRUE(backlog.clean().empty());
  files.end_faults();
  EXPECT_TRUE(backlog.settle({generation_directory(slot, 3), facts(), {1 << 20, false}}));
  EXPECT_EQ(backlog.clean().size(), 2U);
  EXPECT_TRUE(list_generations(disk, slot)->empty());
}

TEST_F(RecoveryTest, LeavesNothingOfATryThatFoundNoRoomAndTriesAgain) {
  Batch batch;
  for (std::uint8_t i = 1; i <= 20; ++i) {
    batch.opened(opened(i));
    batch.part(answer(i, 0), std::string(10000, 'r'));
  }
  write_generation(1, batch);
  FaultyFileSystem files(disk);
  Backlog backlog(files, slot, room, counters);
  backlog.read({1});
  const RecoveryTarget target{generation_directory(slot, 2), facts(), {64 << 10, false}};
  const std::vector<std::pair<FileCall, std::uint64_t>> faults = {
      {FileCall::append, 0},         {FileCall::append, 1},         {FileCall::sync, 0},
      {FileCall::sync_directory, 0}, {FileCall::sync_directory, 1}, {FileCall::reserve, 0}};
  for (const auto& [call, good_calls] : faults) {
    files.fail(call, ENOSPC, good_calls);
    EXPECT_FALSE(backlog.settle(target));
    EXPECT_EQ(backlog.generations().size(), 1U);
    files.end_faults();
    EXPECT_EQ(list_generations(disk, slot)->size(), 1U);
  }
  EXPECT_TRUE(backlog.settle(target));
  EXPECT_EQ(held_by(backlog).size(), 20U);
}

}  // namespace
}  // namespace albicilla
