// What stands in a log file for a line that was erased: the digest that the chain needs of the
// line, what the ledger needs of the record, and the sink's signature; nothing of the content.
// Pure.
//   {"tombstone":{"file":…,"n":…,"line":"<digest>","bytes":…,"producer":…,"seq":…,"at":…,"cause":…,
//   "key":…},"signature":…,"chain":{…}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/id128.h"
#include "common/base/strong.h"
#include "common/chain/hash_chain.h"
#include "common/chain/signing.h"

namespace albicilla {

struct Tombstone {
  std::string file;  // relative to the log root
  std::uint64_t n = 0;
  Digest line{};            // of the erased line's chained part
  std::uint64_t bytes = 0;  // of the erased line with its newline
  ProducerId producer;
  Seq seq;
  std::string at;  // ISO 8601
  std::string cause;
  PublicKey key;
  bool operator==(const Tombstone&) const = default;
};

// The chained part of the line that takes the erased one's place.
std::string tombstone_line(const Tombstone& tombstone, const SigningKey& signer);

struct ParsedTombstone {
  Tombstone tombstone;
  bool signature_holds = false;  // by the key that it names; who vouches for that is another matter
};

// By its beginning only.
bool is_tombstone(std::string_view line);

// nullopt for the chained part of any other line.
std::optional<ParsedTombstone> parse_tombstone(std::string_view chained);

// What the chain takes for the digest of a line: a tombstone speaks for the line it replaced. One
// that nobody signed, or that was made for another place, speaks for nothing but itself.
// `hashed` is sha256 of the chained part where it is known already, else null.
Digest line_digest(std::string_view chained, std::string_view file, std::uint64_t n,
                   const Digest* hashed = nullptr);

}  // namespace albicilla
