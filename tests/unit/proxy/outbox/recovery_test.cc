#include "proxy/outbox/recovery.h"

#include <cerrno>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "proxy/outbox/backlog.h"
#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;

ExchangeId id(std::uint8_t number) {
  ExchangeId made;
  made.bytes[15] = number;
  return made;
}

OpenedFacts opened(std::uint8_t number) {
  OpenedFacts facts;
  facts.id = id(number);
  facts.started_at = WallTime(Microseconds(1000000));
  facts.dialect = "openai_chat";
  return facts;
}

ClosedFacts closed(std::uint8_t number) {
  ClosedFacts facts;
  facts.id = id(number);
  facts.seq = Seq{1};
  return facts;
}

PartFacts answer(std::uint8_t number, std::uint32_t part) {
  return {id(number), Direction::response, part, Microseconds(500 + part)};
}

struct Ended {
  Ending ending = Ending::complete;
  std::string response;
  Seq seq;
  bool operator==(const Ended&) const = default;
};
// What a spool holds that is closed, by exchange; each must be there once.
using Held = std::map<ExchangeId, Ended>;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    auto claimed = claim_slot(disk, scratch.path("spool"), 0, std::chrono::milliseconds(0));
    EXPECT_TRUE(claimed);
    slot = std::move(*claimed);
  }

  static GenerationFacts facts() {
    GenerationFacts made;
    made.sinks = {{random_id<ProducerId>(), "ipc://sink"}};
    return made;
  }

  // Writes a generation as a worker that died would leave it.
  void write_generation(GenerationNumber number, Batch& batch,
                        std::uint64_t segment_bytes = 1 << 20) {
    Generation generation(generation_directory(slot, number), facts(), 0);
    GenerationWriter writer(disk, generation, {segment_bytes, false});
    ASSERT_TRUE(writer.start());
    ASSERT_TRUE(writer.write(batch));
    writer.finish();
  }

  // What a start of a worker does with what earlier ones have left; nothing is acknowledged.
  Held restart(FileSystem& files) {
    Backlog backlog(files, slot, room, counters);
    const auto older = list_generations(files, slot);
    EXPECT_TRUE(older);
    backlog.read(*older);
    const GenerationNumber next = older->empty() ? 1 : older->back() + 1;
    settled = backlog.settle({generation_directory(slot, next), facts(), {1 << 20, false}});
    return held_by(backlog);
  }
  Held restart() { return restart(disk); }

  Held held_by(const Backlog& backlog) {
    Held held;
    gaps.clear();
    for (const OldGeneration& old : backlog.generations()) {
      EntryReader reader(disk, *old.generation);
      Seq after;
      while (const auto record = old.generation->index.next(0, after)) {
        after = record->seq;
        ExchangeBuilder exchange;
        bool gap = false;
        for (const EntryPlace& place : record->places) {
          const auto entry = reader.read(place);
          EXPECT_TRUE(entry);
          gap = static_cast<EntryType>(entry->type) == EntryType::gap_close;
          if (gap) {
            gaps.push_back(*parse_gap(entry->payload));
            continue;
          }
          EXPECT_TRUE(exchange.add(static_cast<EntryType>(entry->type), entry->payload));
        }
        if (gap) continue;
        const auto whole = exchange.finish(ProducerId{});
        if (!whole) continue;  // its beginning was damaged: a gap, counted when it is sent
        const bool first =
            held.try_emplace(whole->opened.id,
                             Ended{whole->closed.ending, whole->response_body, whole->closed.seq})
                .second;
        EXPECT_TRUE(first) << "closed twice";
      }
    }
    return held;
  }

  // What was kept of the damage at this offset.
  std::string bytes_of_torn(std::size_t offset) {
    for (const auto& entry : std::filesystem::directory_iterator(slot.directory)) {
      if (entry.path().string().ends_with(".torn-" + std::to_string(offset))) {
        return tests::bytes_of_file(entry.path().string());
      }
    }
    return "no such file";
  }

  std::string only_segment() { return segment_path(generation_directory(slot, 1), 1); }

  tests::ScratchDirectory scratch{tests::ScratchPlace::memory};
  DiskFileSystem disk;
  Slot slot;
  SpoolRoom room{std::uint64_t{1} << 30};
  OutboxCounters counters;
  bool settled = false;
  std::vector<GapFacts> gaps;  // that held_by() has found
};

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

TEST_F(RecoveryTest, IsRightWhereverTheLastWriteIsCut) {
  Batch batch;
  for (std::uint8_t i = 1; i <= 3; ++i) {
    batch.opened(opened(i));
    batch.part(answer(i, 0), "part of " + std::to_string(i));
    if (i != 2) batch.closed(closed(i), Seq{i == 1 ? 1U : 2U});
  }
  const auto entries = batch.entries();
  write_generation(1, batch);
  const std::string whole = tests::bytes_of_file(only_segment());
  const std::size_t head = whole.size() - (entries.back().offset + entries.back().bytes);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::filesystem::remove_all(slot.directory);
    std::filesystem::create_directories(generation_directory(slot, 1));
    tests::write_whole_file(only_segment(), std::string_view(whole).substr(0, size));
    Held expected;
    for (const BatchEntry& entry : entries) {
      if (head + entry.offset + entry.bytes > size) break;
      Ended& ended = expected[entry.id];
      if (entry.type == EntryType::opened) ended = {Ending::interrupted, "", Seq{}};
      if (entry.type == EntryType::part) {
        ended.response = "part of " + std::to_string(entry.id.bytes[15]);
      }
      if (entry.type == EntryType::closed) ended.ending = Ending::complete;
    }
    Held held = restart();
    EXPECT_TRUE(settled);
    for (auto& [exchange, ended] : held) ended.seq = Seq{};
    ASSERT_EQ(held, expected) << "cut at " << size;
    Held again = restart();
    for (auto& [exchange, ended] : again) ended.seq = Seq{};
    ASSERT_EQ(again, expected) << "cut at " << size;
  }
}

TEST_F(RecoveryTest, PutsRightASingleFlippedBitOfASegment) {
  Batch batch;
  batch.opened(opened(1));
  batch.part(answer(1, 0), "whole");
  batch.closed(closed(1), Seq{1});
  batch.opened(opened(2));
  batch.part(answer(2, 0), "half");
  write_generation(1, batch);
  const std::string whole = tests::bytes_of_file(only_segment());
  const Held expected = {{id(1), {Ending::complete, "whole", Seq{1}}},
                         {id(2), {Ending::interrupted, "half", Seq{1}}}};
  for (std::size_t bit = 0; bit < whole.size() * 8; bit += 3) {
    std::filesystem::remove_all(slot.directory);
    std::filesystem::create_directories(generation_directory(slot, 1));
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    tests::write_whole_file(only_segment(), bytes);
    ASSERT_EQ(restart(), expected) << "bit " << bit;
    ASSERT_EQ(counters.gaps, 0U) << "bit " << bit;
  }
}

// Two exchanges, the second of which has lost its `closed` to damage.
TEST_F(RecoveryTest, ReadsOnBehindDamageAndNamesItOnce) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  const std::size_t from = batch.bytes().size();
  batch.opened(opened(2));
  batch.closed(closed(2), Seq{2});
  const std::size_t to = batch.bytes().size();
  batch.opened(opened(3));
  batch.part(answer(3, 0), "behind the damage");
  batch.closed(closed(3), Seq{3});
  const std::size_t all = batch.bytes().size();
  write_generation(1, batch);
  std::string bytes = tests::bytes_of_file(only_segment());
  const std::size_t start = bytes.size() - all + from;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(start), to - from, '?');
  tests::write_whole_file(only_segment(), bytes);
  const Held held = restart();
  EXPECT_TRUE(settled);
  EXPECT_EQ(held, (Held{{id(1), {Ending::complete, "", Seq{1}}},
                        {id(3), {Ending::complete, "behind the damage", Seq{3}}}}));
  EXPECT_EQ(counters.gaps, 1U);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].bytes, to - from);
  EXPECT_EQ(bytes_of_torn(start), std::string(to - from, '?'));
  EXPECT_EQ(restart(), held);
  EXPECT_EQ(counters.gaps, 1U);
  EXPECT_EQ(gaps.size(), 1U);
}

TEST_F(RecoveryTest, NamesWhatIsMissingOfASegmentThatWasCut) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  const std::size_t kept = batch.bytes().size();
  batch.opened(opened(2));
  batch.closed(closed(2), Seq{2});
  const std::size_t all = batch.bytes().size();
  write_generation(1, batch);
  const std::string bytes = tests::bytes_of_file(only_segment());
  tests::write_whole_file(only_segment(), bytes.substr(0, bytes.size() - all + kept));
  EXPECT_EQ(restart(), (Held{{id(1), {Ending::complete, "", Seq{1}}}}));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].bytes, all - kept);
  EXPECT_EQ(gaps[0].exchanges, std::nullopt);
  restart();
  EXPECT_EQ(counters.gaps, 1U);
}

TEST_F(RecoveryTest, CallsWhatStandsBehindTheExtentNoDamage) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  write_generation(1, batch);
  const std::string bytes = tests::bytes_of_file(only_segment());
  // Blocks that a power cut left empty, and the half of a last write.
  for (const std::string& tail : {std::string(5000, '\0'), bytes.substr(0, bytes.size() - 7)}) {
    tests::write_whole_file(only_segment(), bytes + tail);
    EXPECT_EQ(restart().size(), 1U);
    EXPECT_EQ(counters.gaps, 0U);
  }
}

TEST_F(RecoveryTest, NamesWhatAWorkerCouldNotWriteBeforeItEnded) {
  Generation generation(generation_directory(slot, 1), facts(), 0);
  GenerationWriter writer(disk, generation, {1 << 20, false});
  ASSERT_TRUE(writer.start());
  writer.note_dropped(7);
  writer.finish();
  EXPECT_TRUE(restart().empty());
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].exchanges, 7U);
  restart();
  EXPECT_EQ(counters.gaps, 1U);
}

TEST_F(RecoveryTest, NamesItsDamageOnceWhereverItDies) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  write_generation(1, batch);
  const std::string bytes = tests::bytes_of_file(only_segment());
  tests::write_whole_file(only_segment(), bytes.substr(0, bytes.size() - 30));
  for (const FileCall call : {FileCall::append, FileCall::rename, FileCall::sync_directory}) {
    for (std::uint64_t calls = 0; calls < 4; ++calls) {
      FaultyFileSystem files(disk);
      files.fail(call, EIO, calls);
      restart(files);
    }
  }
  restart();
  EXPECT_TRUE(settled);
  EXPECT_EQ(gaps.size(), 1U);
}

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

TEST_F(RecoveryTest, PutsAGenerationAsideThatSaysNotWhoseItIs) {
  std::filesystem::create_directories(generation_directory(slot, 1));
  tests::write_whole_file(only_segment(), "no entry at all");
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  write_generation(2, batch);
  EXPECT_EQ(restart().size(), 1U);
  EXPECT_EQ(counters.gaps, 1U);
  EXPECT_EQ(*list_generations(disk, slot), (std::vector<GenerationNumber>{2, 3}));
  EXPECT_EQ(tests::bytes_of_file(generation_directory(slot, 1) + "-" + segment_name(1) + ".torn-1"),
            "no entry at all");
  EXPECT_EQ(gaps.size(), 1U);
}

TEST_F(RecoveryTest, AnEmptyGenerationIsNoGap) {
  std::filesystem::create_directories(generation_directory(slot, 1));
  EXPECT_TRUE(restart().empty());
  EXPECT_EQ(counters.gaps, 0U);
  EXPECT_TRUE(list_generations(disk, slot)->empty());
}

TEST_F(RecoveryTest, ReadsAllSegmentsWhenOnlySomeSayWhoseTheyAre) {
  Batch batch;
  for (std::uint8_t i = 1; i <= 50; ++i) {
    batch.opened(opened(i));
    batch.closed(closed(i), Seq{i});
  }
  write_generation(1, batch);
  // A segment that was made but got nothing before the death.
  tests::write_whole_file(segment_path(generation_directory(slot, 1), 2), "");
  EXPECT_EQ(restart().size(), 50U);
}

}  // namespace
}  // namespace albicilla
