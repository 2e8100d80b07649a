#include "converter/verify/diagnosis.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

class DiagnosisTest : public testing::Test {
 protected:
  DiagnosisTest() {
    ChainHead head = chain_start("day/s.jsonl");
    for (int i = 1; i <= 8; ++i) {
      std::string line = R"({"request":)" + std::to_string(i * 1000);
      head = chain_next(head, sha256(line));
      append_chain(line, head);
      lines_.push_back(std::move(line));
    }
    signed_ = ManifestFile{0, "s.jsonl", 8, 0, head.h};
  }

  // "kind line", sorted.
  std::vector<std::string> said() {
    Diagnosis diagnosis("day/s.jsonl");
    std::uint64_t number = 0;
    for (const std::string& line : lines_) diagnosis.take({line, ++number, 0, true});
    std::vector<std::string> said;
    diagnosis.report(signed_, [&](const LogFault& fault) {
      said.push_back(std::string(to_string(fault.kind)) + " " + std::to_string(fault.line));
    });
    std::sort(said.begin(), said.end());
    return said;
  }
  using Said = std::vector<std::string>;

  std::vector<std::string> lines_;
  std::optional<ManifestFile> signed_;
};

TEST_F(DiagnosisTest, NamesTheLineThatWasChanged) {
  lines_[3].replace(lines_[3].find("4000"), 4, "4001");
  EXPECT_EQ(said(), Said{"edit 4"});
}

TEST_F(DiagnosisTest, NamesTheLineWhoseChainWasDamaged) {
  lines_[3].pop_back();
  EXPECT_EQ(said(), Said{"edit 4"});
}

TEST_F(DiagnosisTest, NamesWhereLinesAreGone) {
  lines_.erase(lines_.begin() + 2, lines_.begin() + 4);
  EXPECT_EQ(said(), Said{"delete 3"});
}

TEST_F(DiagnosisTest, NamesACopy) {
  lines_.insert(lines_.begin() + 6, lines_[1]);
  EXPECT_EQ(said(), Said{"insert 7"});
}

TEST_F(DiagnosisTest, NamesAForgedLine) {
  std::string forged = R"({"request":"forged")";
  append_chain(forged, {4, sha256("forged")});
  lines_.insert(lines_.begin() + 3, forged);
  EXPECT_EQ(said(), Said{"insert 4"});
}

TEST_F(DiagnosisTest, NamesALineOfAnotherFile) {
  std::string foreign = R"({"request":"elsewhere")";
  append_chain(foreign, {40, sha256("elsewhere")});  // no line here has such a number
  lines_.insert(lines_.begin() + 3, foreign);
  EXPECT_EQ(said(), Said{"insert 4"});
}

TEST_F(DiagnosisTest, NamesALineWithoutAChain) {
  lines_.insert(lines_.begin() + 2, "no line at all");
  EXPECT_EQ(said(), Said{"insert 3"});
}

TEST_F(DiagnosisTest, NamesWhatStandsBehindLaterLines) {
  std::swap(lines_[2], lines_[3]);
  EXPECT_EQ(said(), Said{"reorder 4"});
}

TEST_F(DiagnosisTest, NamesTheEndThatIsMissing) {
  lines_.resize(5);
  EXPECT_EQ(said(), Said{"truncate 0"});
}

TEST_F(DiagnosisTest, SeesThatAllWasWrittenAnew) {
  ChainHead head = chain_start("day/s.jsonl");
  for (std::string& line : lines_) {
    line = R"({"request":"other")";
    head = chain_next(head, sha256(line));
    append_chain(line, head);
  }
  EXPECT_EQ(said(), Said{"edit 0"});
}

TEST_F(DiagnosisTest, NamesSeveralThingsAtOnce) {
  lines_[1].replace(lines_[1].find("2000"), 4, "2001");
  lines_.erase(lines_.begin() + 4);
  lines_.pop_back();
  EXPECT_EQ(said(), (Said{"delete 5", "edit 2", "truncate 0"}));
}

}  // namespace
}  // namespace albicilla
