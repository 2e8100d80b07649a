#include "sink/store/upload_ledger.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::ScratchDirectory;

class UploadLedgerTest : public testing::Test {
 protected:
  std::unique_ptr<UploadLedger> open() {
    auto ledger = UploadLedger::open(files_, path_);
    EXPECT_TRUE(ledger) << ledger.error().message;
    return *std::move(ledger);
  }
  ScratchDirectory scratch_;
  DiskFileSystem disk_;
  FaultyFileSystem files_{disk_};
  const std::string path_ = scratch_.path("uploads/s3.ledger");
};

TEST_F(UploadLedgerTest, RemembersOverARestart) {
  ASSERT_TRUE(open()->confirm("2026-01-13/a b.jsonl", {7, "aa"}).ok());
  ASSERT_TRUE(open()->confirm("b", {0, ""}).ok());
  const auto ledger = open();
  EXPECT_EQ(ledger->find("2026-01-13/a b.jsonl"), (UploadedFile{7, "aa"}));
  EXPECT_EQ(ledger->find("b"), (UploadedFile{0, ""}));
  EXPECT_EQ(ledger->find("c"), std::nullopt);
}

TEST_F(UploadLedgerTest, KeepsTheLastFactOfAName) {
  const auto ledger = open();
  ASSERT_TRUE(ledger->confirm("a", {1, ""}).ok());
  ASSERT_TRUE(ledger->confirm("a", {2, ""}).ok());
  EXPECT_EQ(open()->find("a"), (UploadedFile{2, ""}));
  EXPECT_EQ(open()->size(), 1U);
}

TEST_F(UploadLedgerTest, LosesOnlyTheTornLine) {
  ASSERT_TRUE(open()->confirm("a", {1, ""}).ok());
  const std::string good = tests::bytes_of_file(path_);
  ASSERT_TRUE(open()->confirm("b", {2, ""}).ok());
  const std::string both = tests::bytes_of_file(path_);
  for (std::size_t size = good.size(); size < both.size(); ++size) {
    tests::write_whole_file(path_, both.substr(0, size));
    const auto ledger = open();
    EXPECT_EQ(ledger->find("a"), (UploadedFile{1, ""}));
    EXPECT_EQ(ledger->find("b"), std::nullopt);
    ASSERT_TRUE(ledger->confirm("c", {3, ""}).ok());
    EXPECT_EQ(open()->find("c"), (UploadedFile{3, ""}));
  }
}

TEST_F(UploadLedgerTest, BelievesNoLineWithAFlippedByte) {
  ASSERT_TRUE(open()->confirm("a", {1, "abc"}).ok());
  const std::string good = tests::bytes_of_file(path_);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    tests::write_whole_file(path_, flipped);
    EXPECT_EQ(open()->size(), 0U) << at;
  }
}

TEST_F(UploadLedgerTest, ForgetsNamesThatAreGone) {
  const auto ledger = open();
  ASSERT_TRUE(ledger->confirm("old", {1, ""}).ok());
  ASSERT_TRUE(ledger->confirm("new", {2, ""}).ok());
  ASSERT_TRUE(ledger->compact(std::set<std::string>{"new", "other"}).ok());
  ASSERT_TRUE(ledger->confirm("more", {3, ""}).ok());
  EXPECT_EQ(open()->find("old"), std::nullopt);
  EXPECT_EQ(open()->find("new"), (UploadedFile{2, ""}));
  EXPECT_EQ(open()->find("more"), (UploadedFile{3, ""}));
}

TEST_F(UploadLedgerTest, ClaimsNothingThatItCouldNotWrite) {
  const auto ledger = open();
  files_.fail(tests::FileCall::sync, 28, 0, 1);
  EXPECT_FALSE(ledger->confirm("a", {1, ""}).ok());
  EXPECT_EQ(ledger->find("a"), std::nullopt);
  files_.end_faults();
  EXPECT_TRUE(ledger->confirm("b", {2, ""}).ok());
  EXPECT_EQ(open()->find("b"), (UploadedFile{2, ""}));
}

}  // namespace
}  // namespace albicilla
