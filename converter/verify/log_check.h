// Verifies a whole log root, or some of its days, offline: every line, file, statement and record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/chain/signing.h"
#include "converter/verify/ledger.h"
#include "converter/verify/log_fault.h"

namespace albicilla {

struct LogCheckRequest {
  std::filesystem::path root;
  std::vector<std::string> days;    // empty: all, and then what lies between them too
  std::optional<PublicKey> pinned;  // whose log it must be
  std::filesystem::path anchors;    // empty, or a file of "number hash" kept elsewhere
};

struct LogCheckOutcome {
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t faults = 0;  // all kinds but gap
  std::uint64_t gaps = 0;
  std::uint64_t unsigned_lines = 0;  // written after the last checkpoint of their day
  std::uint64_t removed_days = 0;    // let go, as a signed statement says
  std::uint64_t removed_lines = 0;
  Ledger ledger;

  // 0 sound, 1 tampered, 2 sound but for an unsealed tail, 3 sound but for gaps.
  int exit_code() const;
};

struct LogCheckProgress {
  std::uint64_t bytes = 0;
  std::uint64_t total_bytes = 0;
};

// An error when the log cannot be read at all.
Result<LogCheckOutcome> check_log(const LogCheckRequest& request, const ReportFault& report,
                                  const std::function<void(const LogCheckProgress&)>& progress);

}  // namespace albicilla
