#include "converter/verify/log_check.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "sink/log/packer.h"
#include "tests/support/sealed_log.h"

namespace albicilla {
namespace {

using tests::Mutation;
using tests::SealedLog;
using tests::Verification;
using tests::verify_log;

std::string text_of(const std::vector<LogFault>& faults) {
  std::string text;
  for (const LogFault& fault : faults) {
    text += std::string(to_string(fault.kind)) + " " + fault.file + ":" +
            std::to_string(fault.line) + " " + fault.detail + "\n";
  }
  return text;
}

TEST(LogCheck, FindsNothingWrongWithASoundLog) {
  const SealedLog log;
  const Verification result = verify_log(log, true);
  EXPECT_TRUE(result.faults.empty()) << text_of(result.faults);
  EXPECT_EQ(result.exit_code, 0);
}

TEST(LogCheck, ReadsPackedFiles) {
  const SealedLog log;
  DiskFileSystem files;
  for (const std::string& file : log.files()) {
    if (!file.starts_with("2026-01-13")) continue;
    ASSERT_TRUE(pack_file(files, log.path(file)));
  }
  const Verification result = verify_log(log, true);
  EXPECT_TRUE(result.faults.empty()) << text_of(result.faults);
}

TEST(LogCheck, SaysWhichLinesNoCheckpointCovers) {
  const SealedLog log;
  const std::string manifest = "2026-01-15/.manifest";
  std::vector<std::string> lines = log.lines(manifest);
  lines.pop_back();
  while (!lines.back().starts_with("{\"checkpoint\":")) lines.pop_back();
  log.put(manifest, lines);
  const Verification result = verify_log(log);
  EXPECT_TRUE(result.faults.empty()) << text_of(result.faults);
  EXPECT_EQ(result.unsigned_lines, 24U);
  EXPECT_EQ(result.exit_code, 2);
  const Verification witnessed = verify_log(log, true);
  ASSERT_EQ(witnessed.faults.size(), 1U);
  EXPECT_EQ(witnessed.faults[0].kind, FaultKind::truncate);
  EXPECT_EQ(witnessed.exit_code, 1);
}

TEST(LogCheck, BelievesOnlyTheKeyItIsGiven) {
  const SealedLog log;
  LogCheckRequest request;
  request.root = log.root();
  std::vector<LogFault> faults;
  const ReportFault report = [&](const LogFault& fault) { faults.push_back(fault); };
  const auto silent = [](const LogCheckProgress&) {};
  const std::string exported = tests::bytes_of_file(log.root() + "/.sink/signing_key.pub");
  request.pinned = public_key_from_hex(std::string_view(exported).substr(0, 64));
  ASSERT_TRUE(request.pinned);
  EXPECT_EQ(check_log(request, report, silent)->exit_code(), 0) << text_of(faults);
  request.pinned = SigningKey::generate().public_key();
  EXPECT_EQ(check_log(request, report, silent)->exit_code(), 1);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].kind, FaultKind::bad_signature);
}

TEST(LogCheck, ChecksOneDayByItself) {
  const SealedLog log;
  LogCheckRequest request;
  request.root = log.root();
  request.days = {"2026-01-14"};
  const auto outcome = check_log(
      request, [](const LogFault& fault) { ADD_FAILURE() << fault.detail; },
      [](const LogCheckProgress&) {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code(), 0);
  EXPECT_EQ(outcome->lines, 96U);
  request.days = {"2026-01-16"};
  EXPECT_FALSE(check_log(
      request, [](const LogFault&) {}, [](const LogCheckProgress&) {}));
}

// tests/fault has a thousand of these.
TEST(LogCheck, NamesWhatSomebodyDid) {
  const SealedLog whole;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const SealedLog log(whole);
    std::mt19937_64 random(seed);
    const Mutation mutation = tests::mutate(log, random);
    SCOPED_TRACE(std::to_string(seed) + ": " + mutation.what);
    const Verification result = verify_log(log, mutation.needs_witness);
    EXPECT_EQ(result.exit_code, 1) << text_of(result.faults);
    for (const FaultKind kind : mutation.kinds) {
      EXPECT_TRUE(std::any_of(
          result.faults.begin(), result.faults.end(),
          [&](const LogFault& fault) { return fault.kind == kind && fault.file == mutation.file; }))
          << text_of(result.faults);
    }
  }
}

}  // namespace
}  // namespace albicilla
