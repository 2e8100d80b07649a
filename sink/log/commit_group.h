// The unit of durability: entries that were appended with one write and made durable by one sync.
// A group is whole or it does not count. Each also says up to which position the log was known to
// be synced when it was written, so that a reader can tell a torn tail (harmless, never
// acknowledged) from damage to what was promised. Pure: bytes <-> values; FORMAT.md has the layout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/base/strong.h"

namespace albicilla {

// Bytes of groups since the log began, over all segments; segment headers do not count.
using LogPosition = Strong<struct LogPositionTag, std::uint64_t>;

struct GroupHeader {
  std::uint64_t number = 0;  // 1, 2, 3 … over all segments
  LogPosition position;      // of the group's first byte
  LogPosition known_synced;  // everything before it was synced when the group was written
  std::uint64_t length = 0;  // of the entries
  bool operator==(const GroupHeader&) const = default;
};
inline constexpr std::size_t kGroupHeaderBytes = 40;

// Puts the header in front: `group` holds kGroupHeaderBytes of room and then the entries, whose
// length and crc are filled in.
void seal_group(std::string& group, GroupHeader header);

enum class GroupState { whole, cut, bad };

struct GroupParse {
  GroupState state = GroupState::bad;
  GroupHeader header;        // when whole or cut behind the header
  std::string_view entries;  // when whole; lives as long as the bytes
  std::uint64_t needed = 0;  // when cut: bytes that the whole group takes
};

// The group that starts at the first byte.
GroupParse parse_group(std::string_view bytes);

// First in each segment file.
struct SegmentHeader {
  SinkId sink;
  std::uint64_t number = 0;
  LogPosition start;  // of the first group; also synced up to there when the segment was made
  bool operator==(const SegmentHeader&) const = default;
};
inline constexpr std::size_t kSegmentHeaderBytes = 48;

std::string encode(const SegmentHeader& header);
// `bytes` may go on behind the header.
Result<SegmentHeader> parse_segment_header(std::string_view bytes);

}  // namespace albicilla
