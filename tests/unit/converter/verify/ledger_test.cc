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
