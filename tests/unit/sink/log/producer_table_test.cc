#include "sink/log/producer_table.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ProducerId producer(std::uint8_t byte) {
  ProducerId id;
  id.bytes.fill(byte);
  return id;
}

ExchangeId exchange(std::uint64_t number) {
  ExchangeId id;
  ++number;  // a mark of 0 stands for an unknown id
  std::memcpy(id.bytes.data() + 8, &number, sizeof number);
  return id;
}

TEST(ProducerTable, AcceptsOneAfterTheOther) {
  ProducerTable table;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    EXPECT_EQ(table.judge(producer(1), Seq{seq}, exchange(seq)), Verdict::next);
    table.accept(producer(1), Seq{seq}, exchange(seq));
  }
  EXPECT_EQ(table.accepted(producer(1)), Seq{5});
  EXPECT_EQ(table.accepted(producer(2)), Seq{0});
}

TEST(ProducerTable, DropsWhatCameAlreadyAndWhatIsAhead) {
  ProducerTable table;
  EXPECT_EQ(table.judge(producer(1), Seq{2}, exchange(2)), Verdict::ahead);
  table.accept(producer(1), Seq{1}, exchange(1));
  table.accept(producer(1), Seq{2}, exchange(2));
  EXPECT_EQ(table.judge(producer(1), Seq{1}, exchange(1)), Verdict::duplicate);
  EXPECT_EQ(table.judge(producer(1), Seq{2}, exchange(2)), Verdict::duplicate);
  EXPECT_EQ(table.judge(producer(1), Seq{4}, exchange(4)), Verdict::ahead);
  EXPECT_EQ(table.judge(producer(1), Seq{0}, exchange(0)), Verdict::duplicate);
}

TEST(ProducerTable, TellsAResendFromAnotherExchangeUnderTheSameSeq) {
  ProducerTable table;
  for (std::uint64_t seq = 1; seq <= 100; ++seq) table.accept(producer(1), Seq{seq}, exchange(seq));
  EXPECT_EQ(table.judge(producer(1), Seq{37}, exchange(37)), Verdict::duplicate);
  EXPECT_EQ(table.judge(producer(1), Seq{37}, exchange(38)), Verdict::foreign_duplicate);
}

TEST(ProducerTable, RemembersABoundedNumberOfExchanges) {
  ProducerTable table;
  const std::uint64_t count = kMostRecentExchanges + 10;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    table.accept(producer(1), Seq{seq}, exchange(seq));
  }
  EXPECT_EQ(table.all().at(producer(1)).recent.size(), kMostRecentExchanges);
  EXPECT_EQ(table.judge(producer(1), Seq{10}, exchange(999)), Verdict::duplicate);
  EXPECT_EQ(table.judge(producer(1), Seq{11}, exchange(999)), Verdict::foreign_duplicate);
}

// A number of records that leaves all marks of one producer full.
void fill(ProducerTable& table, const ProducerId& of) {
  for (std::uint64_t seq = 1; seq <= kMostRecentExchanges; ++seq) {
    table.accept(of, Seq{seq}, exchange(seq));
  }
}

TEST(ProducerTable, ForgetsTheMarksOfThoseThatRetiredFirstButNeverHowFarTheyCame) {
  constexpr std::uint8_t kKept = kMostRetiredMarks / kMostRecentExchanges;
  ProducerTable table;
  for (std::uint8_t i = 1; i <= kKept + 2; ++i) fill(table, producer(i));
  for (std::uint8_t i = 1; i <= kKept + 1; ++i) table.retire(producer(i));
  EXPECT_TRUE(table.all().at(producer(1)).recent.empty());
  EXPECT_EQ(table.all().at(producer(2)).recent.size(), kMostRecentExchanges);
  EXPECT_EQ(table.all().at(producer(kKept + 2)).recent.size(), kMostRecentExchanges);
  const Seq last{kMostRecentExchanges};
  EXPECT_EQ(table.accepted(producer(1)), last);
  EXPECT_EQ(table.judge(producer(1), last, exchange(1)), Verdict::duplicate);
  EXPECT_EQ(table.judge(producer(2), last, exchange(1)), Verdict::foreign_duplicate);
}

TEST(ProducerTable, TakesBackARetiredProducerThatSpeaksAgain) {
  ProducerTable table;
  table.accept(producer(1), Seq{1}, exchange(1));
  table.retire(producer(1));
  table.retire(producer(1));
  EXPECT_NE(table.all().at(producer(1)).retired, 0U);
  EXPECT_EQ(table.judge(producer(1), Seq{2}, exchange(2)), Verdict::next);
  table.accept(producer(1), Seq{2}, exchange(2));
  EXPECT_EQ(table.all().at(producer(1)).retired, 0U);
  EXPECT_EQ(table.judge(producer(1), Seq{1}, exchange(3)), Verdict::foreign_duplicate);
}

TEST(ProducerTable, RestoresWhoRetiredInTheirOrder) {
  ProducerTable before;
  for (std::uint8_t i = 1; i <= 3; ++i) fill(before, producer(i));
  before.retire(producer(3));
  before.retire(producer(1));
  before.retire(producer(2));
  ProducerTable after;
  for (const auto& [id, state] : before.all()) after.restore(id, state);
  for (std::uint8_t i = 4; i <= 17; ++i) {
    fill(after, producer(i));
    after.retire(producer(i));
  }
  EXPECT_TRUE(after.all().at(producer(3)).recent.empty());
  EXPECT_FALSE(after.all().at(producer(1)).recent.empty());
}

TEST(ProducerTable, NamesTheGapThatABaseBehindItsNextSeqShows) {
  ProducerTable table;
  table.accept(producer(1), Seq{1}, exchange(1));
  EXPECT_FALSE(table.gap_before(producer(1), Seq{1}));
  EXPECT_FALSE(table.gap_before(producer(1), Seq{2}));
  const auto gap = table.gap_before(producer(1), Seq{6});
  ASSERT_TRUE(gap);
  EXPECT_EQ(*gap, (SeqGap{Seq{2}, Seq{5}}));
  table.skip(producer(1), *gap);
  EXPECT_FALSE(table.gap_before(producer(1), Seq{6}));
  EXPECT_EQ(table.judge(producer(1), Seq{6}, exchange(6)), Verdict::next);
  EXPECT_EQ(table.judge(producer(1), Seq{3}, exchange(3)), Verdict::duplicate);
  EXPECT_EQ(table.all().at(producer(1)).missing, 4U);
}

}  // namespace
}  // namespace albicilla
