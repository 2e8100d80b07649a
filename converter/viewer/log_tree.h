// Which files below a log root are to be indexed: `YYYY-MM-DD/[xx/]session.jsonl`, plain or sealed
// (`.jsonl.zst`), and what the sink notes of a day beside them. Only looks; never opens a file for
// writing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace albicilla::viewer {

struct LogFile {
  std::string name;  // below the log root, with '/', without ".zst": "2026-01-13/ab/s1.jsonl"
  bool sealed = false;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
};

// Lost records, and records that the sink set aside; the only dot files that are read.
inline constexpr std::string_view kGapsFile = ".gaps.jsonl";
inline constexpr std::string_view kQuarantineFile = ".quarantine.jsonl";

bool is_quarantine(std::string_view name);

// Newest day first. Folders that are no date are not ours.
Result<std::vector<std::string>> list_days(const std::filesystem::path& root);

// In the order of their names; a sealed file stands once, under its plain name.
Result<std::vector<LogFile>> list_day(const std::filesystem::path& root, const std::string& day);

// One file by its name; an error when it is gone.
Result<LogFile> find_log_file(const std::filesystem::path& root, const std::string& name);

// The day of "2026-01-13/s1.jsonl"; empty for anything that is no name of a log file: no way out of
// the root, no dot folder.
std::string_view day_of(std::string_view name);

}  // namespace albicilla::viewer
