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
