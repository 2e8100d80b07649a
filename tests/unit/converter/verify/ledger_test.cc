#include "converter/verify/ledger.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

const std::string kProducer(32, '1');

std::string line(std::uint64_t seq) {
  return R"({"timestamp":"t","session_id":"s","request":null,"response":null,"exchange":{"id":"x",)"
         R"("producer":")" +
         kProducer + R"(","seq":)" + std::to_string(seq) + R"(},"chain":{"n":1,"h":"0"}})";
}

class LedgerTest : public testing::Test {
 protected:
  ReportFault report() {
    return [this](const LogFault& fault) { faults_.push_back(fault); };
  }
  Ledger ledger_;
  std::vector<LogFault> faults_;
};

TEST_F(LedgerTest, FindsARecordThatStandsThereTwice) {
  EXPECT_TRUE(ledger_.count(line(1), {"a", 1}, report()));
  EXPECT_TRUE(ledger_.count(line(2), {"a", 2}, report()));
  EXPECT_TRUE(ledger_.count(line(1), {"b", 7}, report()));
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].kind, FaultKind::duplicate);
  EXPECT_EQ(faults_[0].file, "b");
  EXPECT_EQ(faults_[0].line, 7U);
}

TEST_F(LedgerTest, FindsWhatWasAcknowledgedAndStandsNowhere) {
  ledger_.count(line(1), {"a", 1}, report());
  ledger_.count(line(4), {"a", 2}, report());
  ProducerMark mark;
  mark.producer.bytes.fill(0x11);
  mark.accepted = Seq{6};
  ledger_.note_mark(mark);
  ledger_.find_missing(report());
  ASSERT_EQ(faults_.size(), 2U);
  EXPECT_EQ(faults_[0].kind, FaultKind::missing);
  EXPECT_NE(faults_[0].detail.find("records 2 to 3 "), std::string::npos);
  EXPECT_NE(faults_[1].detail.find("records 5 to 6 "), std::string::npos);
}

ProducerMark ended(std::uint8_t producer, std::uint64_t accepted,
                   std::optional<std::uint64_t> opened, std::uint64_t closed) {
  ProducerMark mark;
  mark.producer.bytes.fill(producer);
  mark.accepted = Seq{accepted};
  mark.ended = ProducerTotals{opened, closed};
  return mark;
}

TEST_F(LedgerTest, SaysWhatProducersThatEndedHaveOpenedAndClosed) {
  ledger_.count(line(1), {"a", 1}, report());
  ledger_.note_mark(ended(0x11, 1, 3, 1));   // a worker that died with two open
  ledger_.note_mark(ended(0x12, 0, 0, 0));   // as if recovery had closed nothing
  ledger_.note_mark(ended(0x13, 0, {}, 0));  // of an older worker
  ledger_.find_missing(report());
  EXPECT_TRUE(faults_.empty());
  EXPECT_EQ(ledger_.ended().producers, 2U);
  EXPECT_EQ(ledger_.ended().opened, 3U);
  EXPECT_EQ(ledger_.ended().closed, 1U);
  const std::string text = ledger_.text();
  EXPECT_NE(text.find(kProducer + "            1          1          0           0          3 "
                                  "         1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("           0          -          0\n"), std::string::npos) << text;
}

TEST_F(LedgerTest, FindsAProducerThatHasClosedMoreThanIsKnown) {
  ledger_.count(line(1), {"a", 1}, report());
  ledger_.note_mark(ended(0x11, 1, 2, 2));
  ledger_.find_missing(report());
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].kind, FaultKind::missing);
  EXPECT_NE(faults_[0].detail.find("has closed 2 records, acknowledged were 1"), std::string::npos);
}

TEST_F(LedgerTest, DoesNotCountAProducerThatCameBackAsEnded) {
  ProducerMark before = ended(0x11, 1, 1, 1);
  before.ended.reset();
  ProducerMark back = ended(0x11, 2, 2, 2);
  back.ended.reset();
  ledger_.note_mark(ended(0x11, 1, 1, 1));
  ledger_.note_mark(before);  // of a day that was open too
  EXPECT_EQ(ledger_.ended().producers, 1U);
  ledger_.note_mark(back);
  ledger_.note_mark(ended(0x11, 1, 1, 1));
  EXPECT_EQ(ledger_.ended().producers, 0U);
}

TEST_F(LedgerTest, TakesANamedGapForWhatItIs) {
  ledger_.count(line(1), {"a", 1}, report());
  EXPECT_TRUE(ledger_.count(R"({"timestamp":"t","gap":{"producer":")" + kProducer +
                                R"(","from":2,"to":3},"chain":{"n":1,"h":"0"}})",
                            {"g", 1}, report()));
  ledger_.count(line(4), {"a", 2}, report());
  ledger_.find_missing(report());
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].kind, FaultKind::gap);
  EXPECT_EQ(ledger_.written(), 2U);
  EXPECT_EQ(ledger_.lost(), 2U);
}

TEST_F(LedgerTest, PassesOverLinesOfOtherPrograms) {
  for (const char* other :
       {R"({"timestamp":"t","request":{},"response":{}})", "", "x",
        R"({"exchange":{"producer":"short","seq":1}})",
        R"({"gap":{"producer":"11111111111111111111111111111111","from":9,"to":1}})"}) {
    EXPECT_FALSE(ledger_.count(other, {"a", 1}, report())) << other;
  }
  EXPECT_TRUE(faults_.empty());
}

}  // namespace
}  // namespace albicilla
