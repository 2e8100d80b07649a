// Where a session's lines stand, over all days, and how to read them one after the other: what the
// reconstruction of its conversations is made from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/day_pool.h"

namespace albicilla::viewer {

struct SessionFile {
  struct Place {
    std::uint64_t line = 0;
    std::uint64_t offset = 0;
  };
  std::string name;           // "2026-01-13/s1.jsonl"
  std::vector<Place> places;  // in the order of the file
};

struct SessionLines {
  std::vector<SessionFile> files;  // in the order of days and names
  std::uint64_t bytes = 0;         // of all lines
};

// An error of the client's when there is no such session.
Result<SessionLines> find_session_lines(DayPool& pool, const std::string& session);

// Calls `take(file, place, line)` for each line; the first error ends it. Lines that are no longer
// where the index knew them are left out.
using TakeLine =
    std::function<Status(std::size_t file, const SessionFile::Place& place, std::string_view line)>;
Status read_session_lines(const std::filesystem::path& root, const SessionLines& lines,
                          const TakeLine& take);

}  // namespace albicilla::viewer
