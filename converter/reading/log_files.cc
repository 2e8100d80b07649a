#include "converter/reading/log_files.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <system_error>

namespace albicilla {

namespace {

namespace fs = std::filesystem;

bool holds_lines(const std::string& name) {
  return name.ends_with(".jsonl") || name.ends_with(".jsonl.zst") || name.ends_with(".jsonl.gz");
}

LogFile log_file(const fs::path& root, const fs::path& path) {
  const fs::path below = path.lexically_relative(root);
  const std::string first = below.begin()->string();
  const std::string name = below.generic_string();
  return {path, name, is_day(first) && first != below.string() ? first : "", name};
}

}  // namespace

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&text](std::size_t from, std::size_t length) {
    int value = 0;
    for (const char c : text.substr(from, length)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 1 || month < 1 || day < 1) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

Result<std::vector<LogFile>> find_log_files(const fs::path& root) {
  std::error_code error;
  std::vector<LogFile> files;
  if (fs::is_regular_file(root, error)) {
    const std::string name = root.filename().string();
    files.push_back({root, name, "", name});
    return files;
  }
  fs::recursive_directory_iterator entry(root, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (entry->is_regular_file(ignored) && holds_lines(name)) {
      files.push_back(log_file(root, entry->path()));
    }
  }
  if (error) return client_error(root.string() + ": cannot be listed: " + error.message());
  std::sort(files.begin(), files.end(),
            [](const LogFile& a, const LogFile& b) { return a.path.native() < b.path.native(); });
  return files;
}

Result<std::vector<LogFile>> find_log_files(const std::vector<fs::path>& roots) {
  if (roots.size() == 1) return find_log_files(roots.front());
  std::vector<LogFile> all;
  for (const fs::path& root : roots) {
    auto files = find_log_files(root);
    if (!files) return files.error();
    for (LogFile& file : *files) {
      file.name = (root / file.name_in_root).generic_string();
      all.push_back(std::move(file));
    }
  }
  // A day's files together, as in one root.
  std::stable_sort(all.begin(), all.end(), [](const LogFile& a, const LogFile& b) {
    return a.name_in_root < b.name_in_root;
  });
  return all;
}

}  // namespace albicilla
