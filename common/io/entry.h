// One framed entry of a segment file: `[u32 length][u32 crc32c][u8 type][payload]`, little endian.
// length counts type and payload, the crc covers both; so a length of 0 is never valid and a
// stretch of zeros (blocks that a power cut left empty) is not an entry. Pure: bytes <-> views.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace albicilla {

inline constexpr std::size_t kEntryHeaderBytes = 9;  // length, crc and type
// What a reader believes; a longer length is damage. Larger things are stored in several entries.
inline constexpr std::size_t kMostEntryBytes = std::size_t{64} << 20;

// Appends the whole entry behind `out`.
void append_entry(std::string& out, std::uint8_t type, std::string_view payload);

// The same without a copy of the payload: begin, append the payload to `out`, end with what begin
// returned.
std::size_t begin_entry(std::string& out, std::uint8_t type);
void end_entry(std::string& out, std::size_t start);

struct EntryView {
  std::uint8_t type = 0;
  std::string_view payload;  // lives as long as the bytes that were parsed
  std::size_t frame_bytes = 0;
};

enum class EntryState {
  whole,
  cut,  // the bytes end before the entry does
  bad,  // impossible length or wrong crc
};

struct EntryParse {
  EntryState state = EntryState::cut;
  EntryView entry;               // when whole
  std::size_t needed_bytes = 0;  // when cut: how many bytes would be enough to say more
};

EntryParse parse_entry(std::string_view bytes);

}  // namespace albicilla
