// What the sink has signed of the log: every day's manifest as the verifier reads it, and how a
// file fits what was signed of it. A signature is checked once; a manifest is read again when it
// changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/chain/signing.h"
#include "common/json/writer.h"
#include "converter/verify/day_manifest.h"
#include "converter/viewer/batch.h"

namespace albicilla::viewer {

struct SignedDay {
  std::string day;
  bool present = false;  // it has a manifest
  bool sealed = false;   // its last checkpoint is final
  bool removed = false;  // its files were let go, and a signed line says so
  std::uint64_t checkpoints = 0;
  std::uint64_t first = 0;  // their numbers
  std::uint64_t last = 0;
  std::string at;  // of the last one
  std::optional<PublicKey> key;
  std::uint64_t files = 0;
  std::uint64_t lines = 0;             // signed, of all its files
  std::uint64_t faults = 0;            // all of them
  std::vector<LogFault> first_faults;  // not more than fit on a page
};

void add_fault(SignedDay& day, const LogFault& fault);

// How what is there now fits what was signed.
enum class SignedState : std::uint8_t {
  none,     // nothing was signed of it yet
  part,     // its first lines are signed, later ones are not yet
  whole,    // all of its lines are
  differs,  // as many lines, but not those that were signed
  shorter,  // signed lines are gone
};

std::string_view to_string(SignedState state);

// Of a file whose lines were followed to their end; `signed_state` is null when none was signed.
SignedState compare(const FileProgress& file, const ManifestFile* signed_state);

// Thread safe.
class SignedLog {
 public:
  // Without a key the first one of the log is believed, as albicilla-verify does.
  SignedLog(std::filesystem::path root, std::optional<PublicKey> pinned);

  struct Report {
    std::vector<SignedDay> days;  // newest first
    std::vector<LogFault> chain;  // of the checkpoints of all days, and of the key that was given
  };
  Result<Report> check();

  // The day's manifest with what was signed of each file.
  Result<std::shared_ptr<const DayManifest>> day(const std::string& day);

 private:
  struct Stamp {
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Known {
    Stamp stamp;
    SignedDay day;
    std::vector<CheckpointLink> links;
  };
  Stamp stamp_of(const std::string& day) const;
  Status refresh(const std::vector<std::string>& days);
  Status read(const std::string& day);

  std::filesystem::path root_;
  bool pinned_;
  std::mutex mutex_;
  TrustedKeys keys_;
  std::map<std::string, Known> known_;
  std::shared_ptr<const DayManifest> last_;  // of the day that was asked for last
  Stamp last_stamp_;
};

void write_signed_day(JsonWriter& json, const SignedDay& day);
void write_faults(JsonWriter& json, const std::vector<LogFault>& faults);

}  // namespace albicilla::viewer
