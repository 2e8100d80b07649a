// Lets old days go. What remains of such a day is its manifest without the names of its files: a
// signed statement of what went, and the checkpoints that the chain over all days runs through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/chain/signing.h"
#include "common/io/file.h"

namespace albicilla {

struct RetentionRule {
  std::optional<std::uint64_t> days;   // a day is kept for so many days after it
  std::optional<std::uint64_t> bytes;  // that sealed days may take together
  bool any() const { return days || bytes; }
};

// A sealed day that is there.
struct KeptDay {
  std::string day;
  std::uint64_t bytes = 0;
};

// Those that have to go, oldest first. `kept` is sorted by day. Pure.
std::vector<std::string> days_to_let_go(const std::vector<KeptDay>& kept, const RetentionRule& rule,
                                        const std::string& today);

// Does its manifest say that the day's files were let go?
Result<bool> was_let_go(FileSystem& files, const std::string& log_root, const std::string& day);

class Retention {
 public:
  Retention(FileSystem& files, std::string log_root)
      : files_(files), log_root_(std::move(log_root)) {}

  // Sealed days up to this one with their sizes, but for those that have gone. Finishes what a
  // crash left half done.
  Result<std::vector<KeptDay>> kept_days(const std::string& sealed_until);
  // Says so in the manifest first, durably, then removes the files.
  Status let_go(const std::string& day, const std::string& cause, const SigningKey& signer,
                WallTime now);

 private:
  Result<std::uint64_t> size_of(const std::string& directory);
  Status remove_files(const std::string& directory, std::string_view keep = {});
  Status write_statement(const std::string& day, const std::string& cause, const SigningKey& signer,
                         WallTime now);

  FileSystem& files_;
  std::string log_root_;
};

}  // namespace albicilla
