#include "proxy/outbox/record_index.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ExchangeId id(std::uint8_t number) {
  ExchangeId made;
  made.bytes[15] = number;
  return made;
}

class RecordIndexTest : public ::testing::Test {
 protected:
  RecordIndexTest() {
    for (std::uint32_t segment = 1; segment <= 4; ++segment) {
      index.add_segment(segment);
      index.grow_segment(segment, 1000);
    }
  }

  EntryPlace say(std::uint8_t exchange, std::uint32_t segment, EntryType type = EntryType::part) {
    const PlacedEntry entry{id(exchange), type, 0, Seq{}, next_place(segment)};
    index.add(std::span(&entry, 1));
    return entry.place;
  }
  void close(std::uint8_t exchange, std::uint32_t segment, std::uint64_t seq,
             std::uint32_t sink = 0) {
    const PlacedEntry entry{id(exchange), EntryType::closed, sink, Seq{seq}, next_place(segment)};
    index.add(std::span(&entry, 1));
  }
  std::vector<std::uint32_t> gone(std::uint32_t current) {
    std::vector<std::uint32_t> segments;
    for (const auto& segment : index.take_unneeded(current)) segments.push_back(segment.segment);
    return segments;
  }

  RecordIndex index{2};

 private:
  EntryPlace next_place(std::uint32_t segment) { return {segment, offset_ += 10, 10}; }
  std::uint32_t offset_ = 0;
};

using Segments = std::vector<std::uint32_t>;

TEST_F(RecordIndexTest, CountsWhatWasBegunClosedOrNot) {
  say(1, 1, EntryType::opened);
  say(1, 1);
  close(1, 1, 1);
  say(2, 1, EntryType::gap_open);
  say(3, 2, EntryType::opened);
  EXPECT_EQ(index.begun(0), 3U);
  EXPECT_EQ(index.begun(1), 0U);
  index.forget_open();
  EXPECT_EQ(index.begun(0), 3U);
  index.tell_begun(0, std::nullopt);
  EXPECT_EQ(index.begun(0), std::nullopt);
}

TEST_F(RecordIndexTest, CountsWhatItsNumbersSayOfSegmentsThatAreGone) {
  close(4, 1, 4);  // of 1 to 3 nothing is left, of 4 not its beginning
  say(5, 1, EntryType::opened);
  EXPECT_EQ(index.begun(0), 5U);
}

TEST_F(RecordIndexTest, HandsOutClosedRecordsInOrderWithAllTheirPlaces) {
  const EntryPlace first = say(1, 1, EntryType::opened);
  const EntryPlace second = say(1, 2);
  EXPECT_EQ(index.next(0, Seq{0}), std::nullopt);
  EXPECT_EQ(index.open_exchanges(), 1U);
  close(1, 2, 1);
  close(2, 2, 2);
  const auto record = index.next(0, Seq{0});
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->seq, Seq{1});
  ASSERT_EQ(record->places.size(), 3U);
  EXPECT_EQ(record->places[0], first);
  EXPECT_EQ(record->places[1], second);
  EXPECT_EQ(index.next(0, Seq{1})->seq, Seq{2});
  EXPECT_EQ(index.next(0, Seq{2}), std::nullopt);
  EXPECT_EQ(index.open_exchanges(), 0U);
}

TEST_F(RecordIndexTest, KnowsBaseAndHighestPerSink) {
  EXPECT_EQ(index.base(0), Seq{1});
  EXPECT_EQ(index.highest(0), Seq{0});
  close(1, 1, 1, 0);
  close(2, 1, 1, 1);
  close(3, 1, 2, 0);
  EXPECT_EQ(index.base(0), Seq{1});
  EXPECT_EQ(index.highest(0), Seq{2});
  EXPECT_EQ(index.acknowledge(0, Seq{1}), 1U);
  EXPECT_EQ(index.base(0), Seq{2});
  EXPECT_EQ(index.acknowledge(0, Seq{50}), 1U);
  EXPECT_EQ(index.base(0), Seq{3});
  EXPECT_EQ(index.base(1), Seq{1});
  EXPECT_EQ(index.held_records(), 1U);
}

TEST_F(RecordIndexTest, ADroppedRecordLeavesAHole) {
  for (std::uint8_t i = 1; i <= 3; ++i) close(i, 1, i);
  index.mark_unreadable(0, Seq{2});
  index.mark_unreadable(0, Seq{7});
  EXPECT_EQ(index.next(0, Seq{1})->seq, Seq{3});
  index.acknowledge(0, Seq{1});
  EXPECT_EQ(index.base(0), Seq{3});
}

TEST_F(RecordIndexTest, SegmentsGoOldestFirstAndNeverTheCurrentOne) {
  say(1, 1, EntryType::opened);
  close(1, 2, 1);
  say(2, 3, EntryType::opened);
  close(2, 4, 2);
  EXPECT_EQ(gone(4), Segments{});
  index.acknowledge(0, Seq{1});
  EXPECT_EQ(gone(4), (Segments{1, 2}));
  index.acknowledge(0, Seq{2});
  EXPECT_EQ(gone(4), (Segments{3}));
  EXPECT_EQ(gone(5), (Segments{4}));
}

TEST_F(RecordIndexTest, AnAcknowledgedSegmentWaitsForAnOlderOneThatIsNeeded) {
  say(1, 1, EntryType::opened);
  close(2, 2, 1);
  index.acknowledge(0, Seq{1});
  EXPECT_EQ(gone(4), Segments{});
  close(1, 3, 2);
  index.acknowledge(0, Seq{2});
  EXPECT_EQ(gone(4), (Segments{1, 2, 3}));
}

TEST_F(RecordIndexTest, NamesTheOpenEntriesThatPinTheOldestSegment) {
  const EntryPlace pinned = say(1, 1, EntryType::opened);
  say(1, 3);
  close(2, 1, 1);
  EXPECT_TRUE(index.pinning(4, 1000).empty());  // a held record needs it anyway
  index.acknowledge(0, Seq{1});
  const auto entries = index.pinning(4, 1000);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].place, pinned);
  EXPECT_TRUE(index.pinning(2, 1000).empty());  // holds back nothing but itself
}

TEST_F(RecordIndexTest, AMovedEntryFreesItsSegmentAndKeepsItsPlaceInTheOrder) {
  const EntryPlace head = say(1, 1, EntryType::opened);
  const EntryPlace tail = say(1, 3);
  const EntryPlace copy{4, 500, 10};
  index.move({id(1), head}, copy);
  EXPECT_EQ(gone(4), (Segments{1, 2}));
  close(1, 4, 1);
  const auto record = index.next(0, Seq{0});
  ASSERT_EQ(record->places.size(), 3U);
  EXPECT_EQ(record->places[0], copy);
  EXPECT_EQ(record->places[1], tail);
}

TEST_F(RecordIndexTest, ACopyOfWhatIsNoLongerOpenChangesNothing) {
  const EntryPlace head = say(1, 1, EntryType::opened);
  close(1, 2, 1);
  index.move({id(1), head}, {4, 500, 10});
  EXPECT_EQ(index.next(0, Seq{0})->places[0], head);
}

TEST_F(RecordIndexTest, LimitsACopyStepButMakesOne) {
  for (std::uint8_t i = 1; i <= 10; ++i) say(i, 1, EntryType::opened);
  EXPECT_EQ(index.pinning(4, 35).size(), 3U);
  EXPECT_EQ(index.pinning(4, 1).size(), 1U);
}

TEST_F(RecordIndexTest, ForgettingWhatIsOpenFreesIt) {
  say(1, 1, EntryType::opened);
  index.forget_open();
  EXPECT_EQ(index.open_exchanges(), 0U);
  EXPECT_EQ(gone(4), (Segments{1, 2, 3}));
}

TEST_F(RecordIndexTest, LetsGoOfRecordsThatDamageNumberedTwiceOrForNoSink) {
  close(1, 1, 5);
  close(2, 1, 5);
  close(3, 1, 4);
  close(4, 1, 6, 9);
  EXPECT_EQ(index.held_records(), 1U);
  index.acknowledge(0, Seq{5});
  EXPECT_EQ(gone(4), (Segments{1, 2, 3}));
}

TEST_F(RecordIndexTest, CountsTheBytesOfItsSegments) {
  EXPECT_EQ(index.bytes(), 4000U);
  EXPECT_EQ(gone(3), (Segments{1, 2}));
  EXPECT_EQ(index.bytes(), 2000U);
}

}  // namespace
}  // namespace albicilla
