// The hash chain of a log file: each line names the hash of itself and of everything before it, so
// that no line can be changed, left out, added or moved without a trace.
//   h_0 = SHA-256(file name), h_n = SHA-256(h_{n-1} || SHA-256(line n up to its last `,"chain"`))
// The file name is relative to the log root ("2026-01-13/s.jsonl"): a file moved elsewhere breaks.
// The line's own hash stands between, so that a tombstone can stand for a line that was erased.
// Pure, thread safe. The sink writes chains; verify and the converter check them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/digest.h"

namespace albicilla {

std::optional<Digest> digest_from_hex(std::string_view text);  // 64 lower-case hex digits

// Where a file's chain stands after line n; n is 0 for a file without lines.
struct ChainHead {
  std::uint64_t n = 0;
  Digest h{};
  bool operator==(const ChainHead&) const = default;
};

ChainHead chain_start(std::string_view file_name);
// `line_digest` is sha256 of the line's chained part.
ChainHead chain_next(const ChainHead& head, const Digest& line_digest);

// `,"chain":{"n":…,"h":"…"}}` with the brace that ends the line: closes a line that holds its
// chained part, which begins with '{'.
void append_chain(std::string& line, const ChainHead& head);
// Replaces the hash in what append_chain has written; `end` is the place behind its last brace.
void put_chain_hash(std::string& text, std::size_t end, const Digest& h);
// Longest text that append_chain adds.
inline constexpr std::size_t kMostChainBytes = 107;

// A line without its newline, split at its last `,"chain"`.
struct ChainedLine {
  std::string_view chained;  // what the line's digest covers
  ChainHead head;            // what the line claims
};

// nullopt unless the line ends in exactly what append_chain writes.
std::optional<ChainedLine> split_chained_line(std::string_view line);

}  // namespace albicilla
