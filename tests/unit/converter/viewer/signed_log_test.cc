// What was signed, held against what is there: on a log of three days that the sink itself made.
#include "converter/viewer/signed_log.h"

#include <gtest/gtest.h>

#include "converter/viewer/day_pool.h"
#include "converter/viewer/file_list.h"
#include "converter/viewer/indexer.h"
#include "tests/support/sealed_log.h"

namespace albicilla::viewer {
namespace {

constexpr const char* kDay = "2026-01-13";
const std::string kManifest = std::string(kDay) + "/.manifest";

std::uint64_t faults_of(const SignedLog::Report& report) {
  std::uint64_t faults = report.chain.size();
  for (const SignedDay& day : report.days) faults += day.faults;
  return faults;
}

class SignedLogTest : public testing::Test {
 protected:
  SignedLog::Report check(SignedLog& log) {
    auto report = log.check();
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : SignedLog::Report{};
  }

  // The faults of the day, those of its files among them, as the index sees them.
  std::vector<LogFault> misfits() {
    auto indexer = Indexer::open({log_.root(), index_.path()}, {[](auto, bool) {}, [](auto&) {}});
    EXPECT_TRUE(indexer && (*indexer)->run_once());
    DayPool pool(index_.path());
    SignedLog signed_log(log_.root(), std::nullopt);
    const auto manifest = signed_log.day(kDay);
    EXPECT_TRUE(manifest);
    SignedDay day;
    EXPECT_TRUE(add_misfits(pool, log_.root(), **manifest, day));
    return day.first_faults;
  }

  SignedState verify(const std::string& file) {
    SignedLog signed_log(log_.root(), std::nullopt);
    const auto manifest = signed_log.day(kDay);
    const ManifestFile& state = (*manifest)->files.at(file.substr(11));
    const auto verified = verify_file(log_.root(), file, &state);
    EXPECT_TRUE(verified);
    return verified ? verified->signature.state : SignedState::none;
  }

  std::string a_file() const {
    for (const std::string& file : log_.files(6)) {
      if (file.starts_with(kDay)) return file;
    }
    return {};
  }

  tests::SealedLog log_;
  tests::ScratchDirectory index_;
};

TEST_F(SignedLogTest, FindsEverySignatureOfASoundLogHolding) {
  SignedLog signed_log(log_.root(), std::nullopt);
  const SignedLog::Report report = check(signed_log);
  ASSERT_EQ(report.days.size(), 3U);
  EXPECT_EQ(faults_of(report), 0U);
  for (const SignedDay& day : report.days) {
    EXPECT_TRUE(day.present);
    EXPECT_GT(day.checkpoints, 0U);
    EXPECT_EQ(day.lines, 96U);
  }
  EXPECT_TRUE(report.days.back().sealed);
  EXPECT_TRUE(misfits().empty());
  EXPECT_EQ(verify(a_file()), SignedState::whole);
}

TEST_F(SignedLogTest, NamesACheckpointWhoseSignatureDoesNotHold) {
  std::vector<std::string> lines = log_.lines(kManifest);
  for (std::string& line : lines) {
    if (!line.starts_with("{\"checkpoint\":")) continue;
    char& digit = line[line.size() - 10];
    digit = digit == '0' ? '1' : '0';
    break;
  }
  log_.put(kManifest, lines);
  SignedLog signed_log(log_.root(), std::nullopt);
  const SignedLog::Report report = check(signed_log);
  const SignedDay& day = report.days.back();
  ASSERT_GE(day.faults, 1U);
  EXPECT_EQ(day.first_faults[0].kind, FaultKind::bad_signature);
  EXPECT_EQ(day.first_faults[0].file, kManifest);
}

TEST_F(SignedLogTest, NamesCheckpointsThatAreGoneFromTheMiddle) {
  log_.put("2026-01-14/.manifest", {});
  SignedLog signed_log(log_.root(), std::nullopt);
  const SignedLog::Report report = check(signed_log);
  ASSERT_EQ(report.chain.size(), 1U);
  EXPECT_EQ(report.chain[0].kind, FaultKind::delete_);
}

TEST_F(SignedLogTest, BelievesOnlyTheKeyThatWasGiven) {
  SignedLog first(log_.root(), std::nullopt);
  const auto key = check(first).days.back().key;
  ASSERT_TRUE(key);
  SignedLog pinned(log_.root(), *key);
  EXPECT_EQ(faults_of(check(pinned)), 0U);
  SignedLog other(log_.root(), SigningKey::generate().public_key());
  EXPECT_EQ(faults_of(check(other)), 1U);
}

TEST_F(SignedLogTest, ReadsAManifestAgainWhenItHasChanged) {
  SignedLog signed_log(log_.root(), std::nullopt);
  EXPECT_EQ(faults_of(check(signed_log)), 0U);
  std::vector<std::string> lines = log_.lines(kManifest);
  lines.push_back("no manifest line");
  log_.put(kManifest, lines);
  EXPECT_EQ(faults_of(check(signed_log)), 1U);
}

TEST_F(SignedLogTest, KnowsAFileThatWasMadeAnewByItsSignatureAlone) {
  const std::string file = a_file();
  std::vector<std::string> lines = log_.lines(file);
  ChainHead head = chain_start(file);
  for (std::string& line : lines) {
    std::string chained(split_chained_line(line)->chained);
    if (head.n == 2) chained.insert(chained.size() - 1, " ");
    head = chain_next(head, sha256(chained));
    append_chain(chained, head);
    line = chained;
  }
  log_.put(file, lines);
  const std::vector<LogFault> faults = misfits();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].file, file);
  EXPECT_EQ(faults[0].kind, FaultKind::edit);
  EXPECT_EQ(verify(file), SignedState::differs);
}

TEST_F(SignedLogTest, KnowsThatSignedLinesAreGone) {
  const std::string file = a_file();
  std::vector<std::string> lines = log_.lines(file);
  lines.pop_back();
  log_.put(file, lines);
  std::vector<LogFault> faults = misfits();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, FaultKind::truncate);
  EXPECT_EQ(verify(file), SignedState::shorter);
  std::filesystem::remove(log_.path(file));
  faults = misfits();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, FaultKind::missing);
}

}  // namespace
}  // namespace albicilla::viewer
