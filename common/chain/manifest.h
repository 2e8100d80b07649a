// A day's manifest, `YYYY-MM-DD/.manifest`: what the sink says about the day's files, signed, one
// JSON object a line, only ever appended to. Four kinds of lines:
//   {"file":{"i":0,"name":"s.jsonl","lines":3,"bytes":1234,"h":"…"}}     a file's state, the last
//   counts
//   {"key":{"public":"…","previous":"…","sink":"…","at":"…"},"signature":"…"}      by the previous
//   key
//   {"checkpoint":{"number":…, …,"root":"…","previous":"…","key":"…"},"signature":"…"}
//   {"removed":{"day":…,"files":…,"lines":…,"at":…,"cause":…,"key":…},"signature":"…"}   stands
//   first: the day's files were let go, file lines are gone, keys and checkpoints remain
// A checkpoint's producers are [id, accepted, records, missing]; of one that has ended also how
// many exchanges it had opened (null: it did not say) and closed. The root is over the file lines'
// objects, leaf i being the file with that number. Checkpoints form one chain over all days of a
// sink. Pure: values <-> lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/base/strong.h"
#include "common/chain/hash_chain.h"
#include "common/chain/signing.h"

namespace albicilla {

struct ManifestFile {
  std::uint64_t index = 0;  // order of the files' first lines, from 0
  std::string name;         // within the day's directory
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  Digest h{};
  bool operator==(const ManifestFile&) const = default;
};

struct ManifestKey {
  PublicKey key;
  PublicKey previous;  // signs this line; the key itself when it is the sink's first
  SinkId sink;
  std::string at;  // ISO 8601
  bool operator==(const ManifestKey&) const = default;
};

// Of a producer that has ended. What it opened and did not close it had left open when it died, and
// another producer, that of the recovery, has closed it.
struct ProducerTotals {
  std::optional<std::uint64_t> opened;  // nullopt: its worker could not say
  std::uint64_t closed = 0;
  bool operator==(const ProducerTotals&) const = default;
};

struct ProducerMark {
  ProducerId producer;
  Seq accepted;
  std::uint64_t records = 0;  // of them lines
  std::uint64_t missing = 0;  // of them lost
  std::optional<ProducerTotals> ended = std::nullopt;
  bool operator==(const ProducerMark&) const = default;
};

struct SignedCheckpoint {
  std::uint64_t number = 0;  // 1, 2, 3 … over all days
  SinkId sink;
  std::string at;  // ISO 8601
  std::string day;
  bool final = false;  // the day is sealed, no line will follow
  std::uint64_t files = 0;
  std::uint64_t lines = 0;  // of all files of the day
  Digest root{};
  Digest previous{};  // of the checkpoint line before, over all days; zeros for the first
  std::vector<ProducerMark> producers;  // that have changed since the checkpoint before
  PublicKey key;
  bool operator==(const SignedCheckpoint&) const = default;
};

// The day's files were let go, by retention: what is left of the manifest speaks of their records.
struct ManifestRemoval {
  std::string day;
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
  std::string at;  // ISO 8601
  std::string cause;
  PublicKey key;
  bool operator==(const ManifestRemoval&) const = default;
};

// The leaf of a file's state.
Digest manifest_leaf(const ManifestFile& file);

// Lines without a newline.
std::string manifest_line(const ManifestFile& file);
std::string manifest_line(const ManifestKey& key, const SigningKey& signer);
std::string manifest_line(const SignedCheckpoint& checkpoint, const SigningKey& signer);
std::string manifest_line(const ManifestRemoval& removal, const SigningKey& signer);

struct ManifestLine {
  std::variant<ManifestFile, ManifestKey, SignedCheckpoint, ManifestRemoval> what;
  // Of all but files: whether the line is signed by the key that it names.
  bool signature_holds = true;
};

// An error for anything that the functions above do not write.
Result<ManifestLine> parse_manifest_line(std::string_view line);

}  // namespace albicilla
