// Takes lines of one session or one user out of the files of sealed days. A signed tombstone stands
// for each, so that the chain, the checkpoints and the ledger hold as before. Files are replaced
// whole; doing it again changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/chain/signing.h"
#include "common/io/file.h"

namespace albicilla {

enum class ErasureKind { session, user };

// "session", "user".
std::string_view to_string(ErasureKind kind);

// Whose lines.
struct ErasureTarget {
  ErasureKind kind = ErasureKind::session;
  std::string id;
};

bool concerns(const ErasureTarget& target, std::string_view line);

class Eraser {
 public:
  Eraser(FileSystem& files, std::string log_root, const SigningKey& signer, WallTime now)
      : files_(files), log_root_(std::move(log_root)), signer_(signer), now_(now) {}

  // Could the file, named relative to the log root, hold such lines? By its name only.
  static bool may_hold(const ErasureTarget& target, std::string_view file);
  // How many lines were erased; a file without any is not touched.
  Result<std::uint64_t> erase(const ErasureTarget& target, const std::string& file);

 private:
  Result<bool> has_lines(const ErasureTarget& target, const std::string& path);

  FileSystem& files_;
  std::string log_root_;
  const SigningKey& signer_;
  WallTime now_;
};

}  // namespace albicilla
