#include "proxy/outbox/generation_writer.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "proxy/outbox/entry_reader.h"
#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;

GenerationFacts some_facts() {
  GenerationFacts facts;
  facts.sinks = {{random_id<ProducerId>(), "ipc://sink"}};
  return facts;
}

OpenedFacts opened(const ExchangeId& id, std::size_t bytes) {
  OpenedFacts facts;
  facts.id = id;
  facts.path = std::string(bytes, 'p');
  return facts;
}

class GenerationWriterTest : public ::testing::Test {
 protected:
  Status write(std::size_t bytes) {
    Batch batch;
    const ExchangeId id = random_id<ExchangeId>();
    batch.opened(opened(id, bytes));
    ClosedFacts closed;
    closed.id = id;
    batch.closed(closed, Seq{seq + 1});
    const Status status = writer.write(batch);
    if (status) ++seq;
    return status;
  }
  // How many of the records written can be read back from the directory.
  std::size_t readable() {
    const auto read = read_generation(disk, generation.directory);
    EXPECT_TRUE(read);
    EXPECT_TRUE(read->damages.empty());
    return read->generation->index.held_records();
  }

  tests::ScratchDirectory scratch;
  DiskFileSystem disk;
  FaultyFileSystem files{disk};
  Generation generation{scratch.path("gen"), some_facts(), 0};
  GenerationWriter writer{files, generation, {10000, true}};
  std::uint64_t seq = 0;
};

TEST_F(GenerationWriterTest, RollsWhenASegmentIsFullAndStartsEachWithItsFacts) {
  ASSERT_TRUE(writer.start());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(write(3000));
  EXPECT_EQ(readable(), 10U);
  const auto segments = list_segments(disk, generation.directory);
  ASSERT_TRUE(segments);
  EXPECT_GE(segments->size(), 4U);
  for (const SegmentNumber number : *segments) {
    auto reader = SegmentReader::open(disk, segment_path(generation.directory, number));
    ASSERT_TRUE(reader);
    const auto entry = reader->next();
    ASSERT_TRUE(entry && *entry);
    const auto facts = parse_generation((*entry)->payload);
    ASSERT_TRUE(facts);
    EXPECT_EQ(*facts, generation.facts);
  }
}

TEST_F(GenerationWriterTest, ABatchLargerThanASegmentStaysWhole) {
  ASSERT_TRUE(writer.start());
  ASSERT_TRUE(write(50000));
  ASSERT_TRUE(write(100));
  EXPECT_EQ(readable(), 2U);
}

TEST_F(GenerationWriterTest, WritesOnIntoItsReserveWhenTheDiskIsFull) {
  ASSERT_TRUE(writer.start());
  ASSERT_TRUE(writer.reserve_ahead());
  files.set_room(0);
  int written = 0;
  Status status;
  while ((status = write(3000))) ++written;
  EXPECT_TRUE(is_no_room(status.error()));
  EXPECT_GE(written, 5);  // what is left of two segments of 10,000 bytes
  EXPECT_FALSE(writer.reserve_ahead());
  EXPECT_EQ(readable(), static_cast<std::size_t>(written));
  files.end_faults();
  ASSERT_TRUE(write(3000));
  EXPECT_EQ(readable(), static_cast<std::size_t>(written) + 1);
}

TEST_F(GenerationWriterTest, LeavesASegmentWhoseTornEndCannotBeCutOff) {
  ASSERT_TRUE(writer.start());
  ASSERT_TRUE(writer.reserve_ahead());
  ASSERT_TRUE(write(100));
  files.set_room(11000);
  files.fail(FileCall::cut, EIO);
  const Status torn = write(30000);  // does not fit the next segment's reserve nor the room
  ASSERT_FALSE(torn);
  files.end_faults();
  ASSERT_TRUE(write(100));
  // Nothing may stand behind the torn end; the reader finds everything before and after it.
  const auto read = read_generation(disk, generation.directory);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->torn, 1U);
  EXPECT_EQ(read->generation->index.held_records(), 2U);
}

TEST_F(GenerationWriterTest, SyncsWhatItLeavesBehindAndItsNames) {
  ASSERT_TRUE(writer.start());
  const std::uint64_t syncs = files.calls(FileCall::sync);
  const std::uint64_t names = files.calls(FileCall::sync_directory);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(write(6000));
  EXPECT_EQ(files.calls(FileCall::sync) - syncs, 3U);
  EXPECT_EQ(files.calls(FileCall::sync_directory) - names, 3U);
}

TEST_F(GenerationWriterTest, WithoutSyncingNothingWaitsForTheDisk) {
  Generation other(scratch.path("other"), some_facts(), 0);
  GenerationWriter unsynced(files, other, {10000, false});
  ASSERT_TRUE(unsynced.start());
  files.fail(FileCall::sync, EIO);
  files.fail(FileCall::sync_directory, EIO);
  for (int i = 0; i < 4; ++i) {
    Batch batch;
    batch.opened(opened(random_id<ExchangeId>(), 6000));
    EXPECT_TRUE(unsynced.write(batch));
  }
}

TEST_F(GenerationWriterTest, WhatIsNotSyncedCannotBeSentYet) {
  ASSERT_TRUE(writer.start());
  ASSERT_TRUE(write(100));
  EXPECT_EQ(generation.index.held_records(), 0U);
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(generation.index.held_records(), 1U);
}

TEST_F(GenerationWriterTest, ItsExtentNeverGrowsSoThatAPowerCutCannotTearIt) {
  const auto bytes = [&] { return tests::bytes_of_file(generation.directory + "/extent").size(); };
  ASSERT_TRUE(writer.start());
  const std::size_t before = bytes();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(write(900) && writer.sync());
  EXPECT_EQ(bytes(), before);
  const auto extent = read_extent(files, generation.directory);
  ASSERT_TRUE(extent.extent);
  EXPECT_FALSE(extent.is_damaged);
  EXPECT_EQ(extent.extent->segment, generation.current_segment);
  EXPECT_GT(extent.extent->bytes, 0U);
}

TEST_F(GenerationWriterTest, AFileSystemThatCannotReserveIsGoodEnough) {
  files.fail(FileCall::reserve, EOPNOTSUPP);
  ASSERT_TRUE(writer.start());
  EXPECT_TRUE(writer.reserve_ahead());
  EXPECT_TRUE(write(100));
}

TEST_F(GenerationWriterTest, StartsAsSoonAsThereIsRoom) {
  files.fail(FileCall::reserve, ENOSPC);
  EXPECT_FALSE(writer.start());
  EXPECT_FALSE(writer.started());
  files.end_faults();
  EXPECT_TRUE(writer.start());
  EXPECT_TRUE(write(100));
  EXPECT_EQ(readable(), 1U);
}

TEST_F(GenerationWriterTest, GivesBackItsReserveWhenFinished) {
  ASSERT_TRUE(writer.start());
  ASSERT_TRUE(write(100));
  ASSERT_TRUE(writer.reserve_ahead());
  writer.finish();
  EXPECT_EQ(list_segments(disk, generation.directory)->size(), 1U);
  EXPECT_EQ(readable(), 1U);
}

TEST_F(GenerationWriterTest, MovesOpenEntriesSoThatTheIndexFindsThemThere) {
  ASSERT_TRUE(writer.start());
  Batch batch;
  const ExchangeId id = random_id<ExchangeId>();
  batch.opened(opened(id, 3));
  ASSERT_TRUE(writer.write(batch) && writer.sync());
  const EntryPlace before = generation.index.open_places(id)[0];
  EntryReader reader(disk, generation);
  const std::string payload(reader.read(before)->payload);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(write(6000));
  Batch copy;
  copy.entry(id, EntryType::opened, payload);
  ASSERT_TRUE(writer.move(copy, {{id, before}}));
  const EntryPlace after = generation.index.open_places(id)[0];
  EXPECT_NE(after, before);
  EXPECT_EQ(reader.read(after)->payload, payload);
}

TEST_F(GenerationWriterTest, KeepsRecentBytesInMemoryUpToItsBudget) {
  Generation kept(scratch.path("kept"), some_facts(), 5000);
  GenerationWriter keeper(files, kept, {100000, false});
  ASSERT_TRUE(keeper.start());
  std::vector<ExchangeId> ids;
  for (int i = 0; i < 5; ++i) {
    Batch batch;
    batch.opened(opened(ids.emplace_back(random_id<ExchangeId>()), 2000));
    ASSERT_TRUE(keeper.write(batch));
  }
  const std::uint64_t reads = files.calls(FileCall::read);
  EntryReader reader(files, kept);
  EXPECT_TRUE(reader.read(kept.index.open_places(ids[4])[0]));
  EXPECT_TRUE(reader.read(kept.index.open_places(ids[3])[0]));
  EXPECT_EQ(files.calls(FileCall::read), reads);
  EXPECT_TRUE(reader.read(kept.index.open_places(ids[0])[0]));
  EXPECT_EQ(files.calls(FileCall::read), reads + 1);
}

}  // namespace
}  // namespace albicilla
