// Writes the days' manifests: what every file holds, and a signed checkpoint over all of them, a
// link in one chain over all days. A day that is over gets a final checkpoint and no more lines.
// One thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/chain/manifest.h"
#include "common/chain/merkle.h"
#include "common/io/file.h"
#include "sink/log/file_table.h"
#include "sink/log/signing_keys.h"

namespace albicilla {

// What a checkpoint is to speak of. Everything in it is durable in the commit log.
struct SealWork {
  WallTime now;
  std::vector<NamedHead> changed;   // since the work before, sorted by name
  std::vector<ProducerMark> marks;  // of producers that have changed
  std::string final_until;          // days up to this one get their final checkpoint
};

// The newest checkpoint: what a witness keeps.
struct CheckpointSeen {
  std::uint64_t number = 0;
  Digest hash{};  // of its line
  bool operator==(const CheckpointSeen&) const = default;
};

class Sealer {
 public:
  struct Place {
    std::string log_root;
    std::string key_path;  // see SigningKeys
    SinkId sink;
  };

  // `table` as it stands after recovery. Finds where the chain of checkpoints ends.
  static Result<Sealer> open(FileSystem& files, Place place, const FileTable& table, WallTime now);

  // Signs a checkpoint for every day that has changed, or for today. After an error of is_no_room
  // it may be called again; what it was given is kept.
  Status seal(SealWork work);

  const CheckpointSeen& last() const { return last_; }
  const SigningKey& key() const { return keys_->current(); }
  // The newest checkpoint is signed by it, so a manifest has introduced it.
  bool key_is_known() const { return last_signer_ == key().public_key(); }
  // The last day whose final checkpoint is written; empty when there is none.
  const std::string& final_until() const { return final_until_; }

 private:
  struct Day {
    MerkleTree tree;
    std::vector<std::uint64_t> lines_by_index;
    std::uint64_t lines = 0;
    std::map<std::uint64_t, NamedHead> waiting;  // not in the manifest yet, by index
    std::unique_ptr<AppendFile> manifest;        // open once it was written to
    std::string introduced;                      // the key line that this process wrote to it
  };

  Sealer(FileSystem& files, Place place) : files_(&files), place_(std::move(place)) {}
  Status load_days(const FileTable& table);
  Status find_last();
  Status read_last_of(const std::string& day);
  Result<AppendFile*> manifest_of(const std::string& day, Day& state);
  Status seal_day(const std::string& day, bool final, WallTime now);

  FileSystem* files_;
  Place place_;
  std::optional<SigningKeys> keys_;
  std::optional<PublicKey> last_signer_;
  std::map<std::string, Day> days_;
  std::vector<ProducerMark> waiting_marks_;
  CheckpointSeen last_;
  std::string final_until_;
};

}  // namespace albicilla
