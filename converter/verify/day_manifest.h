// What the sink says of one day: reads `.manifest` front to back, checks every signature and every
// root on the way, and keeps the last state of each file. Memory goes by the number of files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/chain/manifest.h"
#include "common/chain/merkle.h"
#include "converter/verify/log_fault.h"

namespace albicilla {

// A checkpoint as a link of the chain that runs over all days.
struct CheckpointLink {
  std::uint64_t number = 0;
  Digest hash{};  // of its line
  Digest previous{};
  std::string file;
  std::uint64_t line = 0;
  std::string at;  // ISO 8601, as signed
  PublicKey key;
};

// Which keys are believed: the first one seen, or the one that was given, and every key that a
// believed one has signed.
class TrustedKeys {
 public:
  TrustedKeys() = default;
  // Only a log that this key belongs to is believed.
  explicit TrustedKeys(const PublicKey& pinned) : pinned_(pinned) {}

  // True when the key is believed from now on.
  bool introduce(const ManifestKey& line);
  bool believes(const PublicKey& key) const { return keys_.contains(key); }
  // The pinned key was among them, or none was pinned.
  bool pin_found() const { return !pinned_ || keys_.contains(*pinned_); }

 private:
  std::optional<PublicKey> pinned_;
  std::set<PublicKey> keys_;
};

struct DayManifest {
  std::string day;
  bool present = false;
  bool sealed = false;                        // its last checkpoint is final
  std::map<std::string, ManifestFile> files;  // as of the last checkpoint, by name in the day
  std::optional<ManifestRemoval> removal;     // its files were let go
  std::vector<CheckpointLink> checkpoints;
  std::vector<ProducerMark> marks;  // in order
};

// `root` is the log root; a missing manifest is no fault of its own.
Result<DayManifest> read_day_manifest(const std::filesystem::path& root, const std::string& day,
                                      TrustedKeys& keys, const ReportFault& report);

// The chain of checkpoints over all days that were read.
void check_checkpoint_chain(std::vector<CheckpointLink> links, const ReportFault& report);

}  // namespace albicilla
