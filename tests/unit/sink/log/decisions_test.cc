#include "sink/log/decisions.h"

#include <gtest/gtest.h>

#include "common/base/base64.h"
#include "tests/support/memory_disk.h"
#include "tests/support/sink_root.h"

namespace albicilla {
namespace {

using tests::MemoryDisk;
using tests::record_header;
using tests::record_piece;
using tests::SinkRoot;

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

std::string_view last_line(std::string_view content) {
  content.remove_suffix(1);
  return content.substr(content.rfind('\n') + 1);
}

class DecisionsTest : public testing::Test {
 protected:
  void SetUp() override { must(root_.start()); }

  // What one more record wrote to that file.
  std::string line_of(const WireHeader& header, const std::string& piece, const std::string& file) {
    const std::size_t before = disk_.content("root/" + file).size();
    must(root_.take(header, piece));
    must(root_.finish_group());
    EXPECT_EQ(tests::chain_faults(file, disk_.content("root/" + file)), std::vector<std::string>{});
    return disk_.content("root/" + file).substr(before);
  }

  MemoryDisk disk_;
  SinkRoot root_{disk_};
};

TEST_F(DecisionsTest, PutsTimeAndSessionInFrontAndTheChainBehind) {
  const std::string line =
      line_of(record_header(1, 1, "s"), record_piece(1, 1), "2026-01-13/s.jsonl");
  EXPECT_EQ(line.rfind(R"({"timestamp":"2026-01-13T10:00:00.000000+00:00","session_id":"s",)" +
                           record_piece(1, 1) + R"(,"chain":{"n":1,"h":")",
                       0),
            0U)
      << line;
}

TEST_F(DecisionsTest, ChainsEveryLineOfAGroupOfManyFiles) {
  for (const std::uint64_t records : {std::uint64_t{1}, std::uint64_t{63}, std::uint64_t{64},
                                      std::uint64_t{65}, std::uint64_t{300}}) {
    for (std::uint64_t i = 0; i < records; ++i) {
      const std::uint64_t seq = root_.state().producers.accepted(tests::producer_id(1)).value + 1;
      must(root_.take(record_header(1, seq, "s" + std::to_string(seq * seq % 7)),
                      record_piece(1, seq)));
    }
    must(root_.finish_group());
  }
  for (const std::string& path : disk_.paths()) {
    if (!path.starts_with("root/2026-01-13/")) continue;
    const std::string file = path.substr(5);
    EXPECT_EQ(tests::chain_faults(file, disk_.content(path)), std::vector<std::string>{});
    EXPECT_EQ(root_.state().files.head(file).chain,
              split_chained_line(last_line(disk_.content(path)))->head);
  }
}

TEST_F(DecisionsTest, NamesTheTrueSessionInTheLineAndASafeOneInTheFile) {
  must(root_.take(record_header(1, 1, "a/b \"c\""), record_piece(1, 1)));
  must(root_.finish_group());
  std::string found;
  for (const std::string& path : disk_.paths()) {
    if (path.starts_with("root/2026-01-13/a_b")) found = path;
  }
  ASSERT_FALSE(found.empty());
  EXPECT_NE(disk_.content(found).find(R"("session_id":"a/b \"c\"",)"), std::string::npos);
}

TEST_F(DecisionsTest, KeepsBytesThatAreNoJsonAsBase64) {
  for (const std::string& bad :
       {std::string("\"request\":"), std::string(), std::string("{}"),
        std::string("\"a\":1,\n\"b\":2"), std::string("\"a\":\"\xFF\""), record_piece(2, 1)}) {
    const std::uint64_t seq = root_.state().producers.accepted(tests::producer_id(1)).value + 1;
    std::string encoded;
    append_base64(encoded, bad);
    const std::string line = line_of(record_header(1, seq, "s"), bad, "2026-01-13/s.jsonl");
    EXPECT_NE(line.find("\"base64\":\"" + encoded + "\""), std::string::npos) << line;
    EXPECT_NE(line.find("\"seq\":" + std::to_string(seq)), std::string::npos);
    EXPECT_NE(line.find("\"error\":\"the record "), std::string::npos);
  }
  EXPECT_EQ(root_.counters().unusable, 6U);
}

TEST_F(DecisionsTest, QuarantinesASecondExchangeUnderOneSeq) {
  must(root_.take(1, 1, "s"));
  WireHeader other = record_header(1, 1, "s");
  other.exchange.bytes.fill(0x77);
  const std::string line = line_of(other, record_piece(1, 1), "2026-01-13/.quarantine.jsonl");
  EXPECT_NE(line.find("\"seq\":1"), std::string::npos);
  EXPECT_EQ(root_.state().producers.accepted(tests::producer_id(1)), Seq{1});
  EXPECT_EQ(root_.counters().quarantined, 1U);
}

TEST_F(DecisionsTest, WritesAGapLineAndGoesOnAtTheBase) {
  must(root_.take(1, 1, "s"));
  must(root_.note_base(1, 5));
  must(root_.take(1, 5, "s"));
  must(root_.finish_group());
  const std::string gaps = disk_.content("root/2026-01-13/.gaps.jsonl");
  EXPECT_NE(gaps.find("\"gap\":{\"producer\":\"01010101010101010101010101010101\",\"from\":2,"
                      "\"to\":4}"),
            std::string::npos)
      << gaps;
  EXPECT_EQ(root_.state().producers.accepted(tests::producer_id(1)), Seq{5});
  EXPECT_EQ(root_.counters().missing, 3U);
  must(root_.note_base(1, 6));
  EXPECT_EQ(root_.counters().gaps, 1U);
}

TEST_F(DecisionsTest, KnowsWhoHasRetiredAfterAReplayAndAfterACheckpoint) {
  must(root_.take(1, 1, "s"));
  must(root_.take(2, 1, "s"));
  must(root_.retire(1, 2));  // something of it is still missing here
  EXPECT_EQ(root_.state().producers.all().at(tests::producer_id(1)).retired, 0U);
  must(root_.retire(1, 1, 4));
  must(root_.retire(9, 1));
  must(root_.finish_group());
  const auto expect_retired = [&] {
    const auto& all = root_.state().producers.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all.at(tests::producer_id(1)).retired, 1U);
    EXPECT_EQ(all.at(tests::producer_id(1)).opened, 4U);
    EXPECT_EQ(all.at(tests::producer_id(2)).retired, 0U);
  };
  expect_retired();
  must(root_.start());
  expect_retired();
  must(root_.checkpoint());
  must(root_.start());
  expect_retired();
  must(root_.take(1, 2, "s"));
  EXPECT_EQ(root_.state().producers.all().at(tests::producer_id(1)).retired, 0U);
  EXPECT_EQ(root_.state().producers.all().at(tests::producer_id(1)).opened, std::nullopt);
}

TEST_F(DecisionsTest, TakesAGapThatAWorkerNamesAsALineOfTheGaps) {
  must(root_.take(1, 1, "s"));
  WireHeader header = record_header(1, 2, "");
  header.kind = MessageKind::gap;
  const std::string middle =
      R"("gap":{"producer":"01010101010101010101010101010101","from":2,"to":2,"exchanges":null})";
  const std::string line = line_of(header, middle, "2026-01-13/.gaps.jsonl");
  EXPECT_EQ(line.rfind(R"({"timestamp":"2026-01-13T10:00:00.000000+00:00",)" + middle +
                           R"(,"chain":{"n":1,)",
                       0),
            0U)
      << line;
  EXPECT_EQ(root_.counters().gaps, 1U);
  EXPECT_EQ(root_.counters().records, 1U);
  EXPECT_EQ(root_.state().producers.accepted(tests::producer_id(1)), Seq{2});
}

TEST_F(DecisionsTest, KeepsAGapThatIsNoneAsBase64) {
  for (const char* bad : {R"("gap":{"producer":"02","from":1,"to":1})", R"("gap":7)", ""}) {
    const std::uint64_t seq = root_.state().producers.accepted(tests::producer_id(1)).value + 1;
    WireHeader header = record_header(1, seq, "s");
    header.kind = MessageKind::gap;
    const std::string line = line_of(header, bad, "2026-01-13/s.jsonl");
    EXPECT_NE(line.find("\"base64\""), std::string::npos) << line;
  }
}

TEST_F(DecisionsTest, WritesNoSecondLineOfARecordThatRecoveryFoundAgain) {
  must(root_.take(1, 1, "s"));
  must(root_.note_base(1, 9));
  WireHeader again = record_header(2, 1, "s");
  again.kind = MessageKind::recovered;
  again.exchange = record_header(1, 1, "s").exchange;
  const std::string line = line_of(again, record_piece(2, 1), "2026-01-13/.gaps.jsonl");
  EXPECT_NE(line.find("\"from\":1,\"to\":1,\"exchange\":\"" + uuid_text(again.exchange.bytes) +
                      "\",\"exchanges\":0"),
            std::string::npos)
      << line;
  EXPECT_EQ(root_.counters().records, 1U);
  EXPECT_EQ(root_.state().producers.accepted(tests::producer_id(2)), Seq{1});
  WireHeader fresh = record_header(2, 2, "s");
  fresh.kind = MessageKind::recovered;
  EXPECT_NE(line_of(fresh, record_piece(2, 2), "2026-01-13/s.jsonl"), "");
}

TEST_F(DecisionsTest, DatesALineByItsClosingButNeverAfterToday) {
  WireHeader late = record_header(1, 1, "s");
  late.naming.closed_at += std::chrono::hours(48);
  const std::string line = line_of(late, record_piece(1, 1), "2026-01-13/s.jsonl");
  EXPECT_NE(line.find("\"timestamp\":\"2026-01-15T"), std::string::npos);
  WireHeader early = record_header(1, 2, "s");
  early.naming.closed_at -= std::chrono::hours(48);
  EXPECT_NE(line_of(early, record_piece(1, 2), "2026-01-11/s.jsonl"), "");
}

TEST_F(DecisionsTest, DerivesASessionForARecordWithoutOne) {
  WireHeader header = record_header(1, 1, "");
  header.naming.session_source = SessionSource::none;
  must(root_.take(header, record_piece(1, 1)));
  must(root_.finish_group());
  std::string found;
  for (const std::string& path : disk_.paths()) {
    if (path.starts_with("root/2026-01-13/anon-")) found = path;
  }
  EXPECT_EQ(found.size(), std::string("root/2026-01-13/anon-0123456789ab.jsonl").size());
}

TEST_F(DecisionsTest, GoesOnBehindAFileThatSomebodyCut) {
  must(root_.take(1, 1, "s"));
  must(root_.take(1, 2, "s"));
  must(root_.finish_group());
  must(root_.checkpoint());
  must(root_.start());
  const std::string file = "root/2026-01-13/s.jsonl";
  const std::string good = disk_.content(file);
  const std::string first = good.substr(0, good.find('\n') + 1);
  disk_.put(file, good.substr(0, good.size() - 5));
  must(root_.take(1, 3, "s"));
  must(root_.finish_group());
  const std::string now = disk_.content(file);
  EXPECT_EQ(now.substr(0, first.size()), first);
  EXPECT_NE(now.find("\"chain\":{\"n\":3,"), std::string::npos);
  EXPECT_EQ(tests::chain_faults("2026-01-13/s.jsonl", now).size(), 1U);  // the missing line shows
  EXPECT_EQ(root_.counters().shrunk_files, 1U);
}

}  // namespace
}  // namespace albicilla
