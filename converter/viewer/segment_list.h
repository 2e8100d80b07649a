// Which segments an FTS5 index has: its structure record, row 10 of `words_data`. Levels of
// segments, each with its id and its pages; a merge moves a level's segments into one of the next.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace albicilla::viewer {

struct SegmentList {
  struct Segment {
    std::uint32_t id = 0;  // 1 to 65535
    std::uint32_t first_page = 0;
    std::uint32_t last_page = 0;
    bool operator==(const Segment&) const = default;
  };
  struct Level {
    std::uint32_t merging = 0;      // how many of them a merge that has begun takes
    std::vector<Segment> segments;  // oldest first
    bool operator==(const Level&) const = default;
  };

  std::string cookie;                // of the table's settings; kept as it is
  std::uint64_t leaves_written = 0;  // to level 0, ever
  std::vector<Level> levels;

  static Result<SegmentList> parse(std::string_view record);
  std::string record() const;

  // An id that no segment has; an error when there are more than FTS5 can have.
  Result<std::uint32_t> free_id() const;
  // The newest segment of level 0.
  void add(std::uint32_t id, std::uint32_t pages);
  // Has a level as many as that, or is a merge half done?
  bool wants_merge(std::size_t most) const;
};

}  // namespace albicilla::viewer
