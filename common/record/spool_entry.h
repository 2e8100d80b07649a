// Entries of a worker's spool segment: `[u32 length][u32 crc32c][u8 type][payload]`, little endian;
// length counts type and payload, the crc covers both. FORMAT.md has the byte layout.
// Pure: bytes <-> values; the segment file itself is common/io/segment_log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/result.h"
#include "common/record/record.h"

namespace albicilla {

enum class EntryType : std::uint8_t {
  generation = 1,  // first entry of a segment: producer ids, sink endpoints, version
  opened = 2,
  part = 3,
  closed = 4,
  gap_open = 5,
  gap_close = 6,
};

// Payload of each type; `append` variants write the whole framed entry behind `out`, so that a
// batch of entries is one buffer and one write.
void append_opened(std::string& out, const OpenedFacts& facts);
void append_part(std::string& out, const PartFacts& facts, std::string_view bytes);
void append_closed(std::string& out, const ClosedFacts& facts);

// A part whose bytes are views into the payload that was parsed.
struct PartView {
  PartFacts facts;
  std::string_view bytes;
};

Result<OpenedFacts> parse_opened(std::string_view payload);
Result<PartView> parse_part(std::string_view payload);
Result<ClosedFacts> parse_closed(std::string_view payload);

}  // namespace albicilla
