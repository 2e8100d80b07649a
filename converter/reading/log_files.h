// Which files below a log root hold exchanges: every *.jsonl (also .zst and .gz), in path order,
// but nothing below a dot folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace albicilla {

struct LogFile {
  std::filesystem::path path;
  std::string name;  // path below the log root, with '/'
  std::string day;   // "2026-01-13" when the first folder below the root is a day, else empty
  std::string name_in_root;  // as `name`, also where that says the root
};

// True for "2026-01-13" and other real dates written so.
bool is_day(std::string_view text);

// `root` may also be one file.
Result<std::vector<LogFile>> find_log_files(const std::filesystem::path& root);
// Of several sinks; names begin with the root's path then, when there is more than one.
Result<std::vector<LogFile>> find_log_files(const std::vector<std::filesystem::path>& roots);

}  // namespace albicilla
