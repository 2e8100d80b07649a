// What a disk gives back differently than it was written: put right, or named once.
#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "tests/support/faulty_file.h"
#include "tests/unit/proxy/outbox/recovery_fixture.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;
using DamageTest = RecoveryTest;

TEST_F(DamageTest, IsRightWhereverTheLastWriteIsCut) {
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
    start_anew(std::string_view(whole).substr(0, size));
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

TEST_F(DamageTest, PutsRightASingleFlippedBitOfASegment) {
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
    start_anew(with_flipped_bit(whole, bit));
    ASSERT_EQ(restart(), expected) << "bit " << bit;
    ASSERT_EQ(counters.gaps, 0U) << "bit " << bit;
  }
}

TEST_F(DamageTest, ReadsOnBehindDamageAndNamesItOnce) {
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

TEST_F(DamageTest, NamesWhatIsMissingOfASegmentThatWasCut) {
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

TEST_F(DamageTest, NamesAGapWhenASegmentsExtentIsLostToo) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  batch.opened(opened(2));
  batch.closed(closed(2), Seq{2});
  write_generation(1, batch);
  const std::string segment = tests::bytes_of_file(only_segment());
  const std::string extent = tests::bytes_of_file(only_extent());
  for (std::size_t left = 0; left <= extent.size(); ++left) {
    start_anew(std::string_view(segment).substr(0, segment.size() - 9));
    tests::write_whole_file(only_extent(), std::string_view(extent).substr(0, left));
    if (left == 0) std::filesystem::remove(only_extent());
    EXPECT_EQ(restart().size(), 2U);
    ASSERT_EQ(gaps.size(), 1U) << left;
    EXPECT_EQ(gaps[0].exchanges, std::nullopt);
    restart();
    EXPECT_EQ(gaps.size(), 1U) << left;
  }
  start_anew("");
  std::filesystem::remove(only_extent());
  restart();
  EXPECT_EQ(gaps.size(), 1U);
}

TEST_F(DamageTest, PutsRightASingleFlippedBitOfAnExtent) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  write_generation(1, batch);
  const std::string segment = tests::bytes_of_file(only_segment());
  const std::string extent = tests::bytes_of_file(only_extent());
  for (std::size_t bit = 0; bit < extent.size() * 8; ++bit) {
    for (const std::size_t cut : {0U, 9U}) {
      start_anew(std::string_view(segment).substr(0, segment.size() - cut));
      tests::write_whole_file(only_extent(), with_flipped_bit(extent, bit));
      restart();
      ASSERT_EQ(gaps.size(), cut == 0 ? 0U : 1U) << bit;
    }
  }
}

TEST_F(DamageTest, MissesNothingOfAGenerationThatWasBeingDeleted) {
  for (const FileCall call : {FileCall::sync, FileCall::remove}) {
    for (std::uint64_t calls = 0; calls < 4; ++calls) {
      std::filesystem::remove_all(slot.directory);
      Batch batch;
      batch.opened(opened(1));
      batch.closed(closed(1), Seq{1});
      write_generation(1, batch);
      FaultyFileSystem files(disk);
      files.fail(call, EIO, calls);
      (void)remove_generation(files, generation_directory(slot, 1));
      restart();
      EXPECT_TRUE(settled);
      EXPECT_TRUE(gaps.empty()) << calls;
    }
  }
}

TEST_F(DamageTest, CallsWhatStandsBehindTheExtentNoDamage) {
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

TEST_F(DamageTest, CountsNoClosingBehindAHoleThatWasNeverPromised) {
  Batch batch;
  batch.opened(opened(1));
  batch.closed(closed(1), Seq{1});
  batch.opened(opened(2));
  batch.part(answer(2, 0), "begun");
  batch.opened(opened(3));
  const std::size_t from = batch.bytes().size();
  batch.part(answer(2, 1), " and");
  batch.closed(closed(3), Seq{2});
  const std::size_t to = batch.bytes().size();
  batch.part(answer(2, 2), " ended");
  batch.closed(closed(2), Seq{3});
  batch.opened(opened(4));
  batch.part(answer(4, 0), "behind");
  batch.closed(closed(4), Seq{4});
  const std::size_t all = batch.bytes().size();
  write_generation(1, batch);
  std::string bytes = tests::bytes_of_file(only_segment());
  const std::size_t start = bytes.size() - all + from;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(start), to - from, '\0');
  start_anew(bytes);
  Held held = restart();
  for (auto& [exchange, ended] : held) ended.seq = Seq{};
  EXPECT_EQ(held, (Held{{id(1), {Ending::complete, "", Seq{}}},
                        {id(2), {Ending::interrupted, "begun", Seq{}}},
                        {id(3), {Ending::interrupted, "", Seq{}}},
                        {id(4), {Ending::interrupted, "behind", Seq{}}}}));
  EXPECT_EQ(counters.gaps, 0U);
  EXPECT_EQ(restart().size(), held.size());
}

TEST_F(DamageTest, NamesWhatAWorkerCouldNotWriteBeforeItEnded) {
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

TEST_F(DamageTest, NamesItsDamageOnceWhereverItDies) {
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

TEST_F(DamageTest, PutsAGenerationAsideThatSaysNotWhoseItIs) {
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

TEST_F(DamageTest, AnEmptyGenerationIsNoGap) {
  std::filesystem::create_directories(generation_directory(slot, 1));
  EXPECT_TRUE(restart().empty());
  EXPECT_EQ(counters.gaps, 0U);
  EXPECT_TRUE(list_generations(disk, slot)->empty());
}

TEST_F(DamageTest, ReadsAllSegmentsWhenOnlySomeSayWhoseTheyAre) {
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
