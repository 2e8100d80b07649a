// Entries of a worker's spool segment: `[u32 length][u32 crc32c][u8 type][payload]`, little endian;
// length counts type and payload, the crc covers both. FORMAT.md has the byte layout.
// Pure: bytes <-> values; the segment file itself is common/io/segment_log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/record/record.h"

namespace albicilla {

enum class EntryType : std::uint8_t {
  generation = 1,  // first entry of a segment: producer ids, sink endpoints, version
  opened = 2,
  part = 3,
  closed = 4,
  gap_open = 5,   // from here on exchanges may pass without a record
  gap_close = 6,  // ends a gap and carries its Seq, as `closed` does
  answered = 7,
};

inline constexpr std::uint8_t kSpoolVersion = 1;
// A part may hold at most this many bytes; a longer one breaks the caller's contract.
inline constexpr std::size_t kMostPartBytes = std::size_t{32} << 20;

// Who wrote a segment. One generation has one producer per sink; the order is that of the sinks'
// indices in OpenedFacts and ClosedFacts.
struct GenerationFacts {
  struct Sink {
    ProducerId producer;
    std::string endpoint;  // where its records go; the sink's name in later generations
    bool operator==(const Sink&) const = default;
  };
  std::uint8_t version = kSpoolVersion;
  std::uint32_t slot = 0;
  WallTime started_at;
  std::vector<Sink> sinks;
  bool recovery = false;  // holds what recovery closed for workers that died
  bool operator==(const GenerationFacts&) const = default;
};

// Each writes the whole framed entry behind `out`, so that a batch of entries is one buffer and one
// write.
void append_generation(std::string& out, const GenerationFacts& facts);
void append_opened(std::string& out, const OpenedFacts& facts);
void append_part(std::string& out, const PartFacts& facts, std::string_view bytes);
void append_answered(std::string& out, const AnsweredFacts& facts);
void append_closed(std::string& out, const ClosedFacts& facts);
// With another Seq than that of the facts.
void append_closed(std::string& out, const ClosedFacts& facts, Seq seq);
void append_gap_open(std::string& out, const GapFacts& facts);
void append_gap_close(std::string& out, const GapFacts& facts, Seq seq);

// A part whose bytes are views into the payload that was parsed.
struct PartView {
  PartFacts facts;
  std::string_view bytes;
};

// Each refuses payloads that are cut, run on or hold unknown words.
Result<GenerationFacts> parse_generation(std::string_view payload);
Result<OpenedFacts> parse_opened(std::string_view payload);
Result<PartView> parse_part(std::string_view payload);
Result<AnsweredFacts> parse_answered(std::string_view payload);
Result<ClosedFacts> parse_closed(std::string_view payload);
// Of gap_open, whose Seq is 0, and gap_close.
Result<GapFacts> parse_gap(std::string_view payload);

// The exchange or gap that the payload of any entry but `generation` belongs to, without parsing
// the rest.
std::optional<ExchangeId> exchange_of(std::string_view payload);

}  // namespace albicilla
