#include "converter/viewer/log_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>

#include "converter/reading/log_files.h"

namespace albicilla::viewer {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::string_view kSealedSuffix = ".jsonl.zst";

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

bool is_note(std::string_view name) { return name == kGapsFile || name == kQuarantineFile; }

// `visit(directory, name, is_directory)` for each entry but dot files.
Status each_entry(const std::filesystem::path& path,
                  const std::function<void(int, const char*, bool)>& visit) {
  const Dir dir(opendir(path.c_str()));
  if (dir == nullptr) return errno_error("open " + path.string(), errno);
  const int fd = dirfd(dir.get());
  // One thread per DIR: readdir is safe here.
  while (const dirent* entry = readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe)
    if (entry->d_name[0] == '.' && !is_note(entry->d_name)) continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat facts {};
      is_directory =
          fstatat(fd, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
    }
    visit(fd, entry->d_name, is_directory);
  }
  return {};
}

// The plain name, and whether it was sealed; nullopt for other files.
std::optional<std::pair<std::string_view, bool>> plain_name(std::string_view name) {
  if (name.ends_with(kSealedSuffix)) return std::pair(name.substr(0, name.size() - 4), true);
  if (name.ends_with(kSuffix)) return std::pair(name, false);
  return std::nullopt;
}

bool fill(int directory, const char* name, LogFile& file) {
  struct stat facts {};
  if (fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISREG(facts.st_mode)) return false;
  file.inode = facts.st_ino;
  file.bytes = static_cast<std::uint64_t>(facts.st_size);
  file.modified_ns = std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
  return true;
}

Status list_folder(const std::filesystem::path& path, const std::string& prefix, bool nested,
                   std::vector<LogFile>& files) {
  std::vector<std::string> folders;
  Status status = each_entry(path, [&](int directory, const char* name, bool is_directory) {
    if (is_directory) {
      if (!nested) folders.emplace_back(name);
      return;
    }
    const auto plain = plain_name(name);
    if (!plain) return;
    LogFile file;
    file.name = prefix + std::string(plain->first);
    file.sealed = plain->second;
    if (fill(directory, name, file)) files.push_back(std::move(file));
  });
  if (!status) return status;
  for (const std::string& folder : folders) {
    if (status = list_folder(path / folder, prefix + folder + "/", true, files); !status) {
      return status;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> list_days(const std::filesystem::path& root) {
  std::vector<std::string> days;
  Status status = each_entry(root, [&](int, const char* name, bool is_directory) {
    if (is_directory && is_day(name)) days.emplace_back(name);
  });
  if (!status) return status.error();
  std::sort(days.begin(), days.end(), std::greater<>());
  return days;
}

Result<std::vector<LogFile>> list_day(const std::filesystem::path& root, const std::string& day) {
  std::vector<LogFile> files;
  if (Status status = list_folder(root / day, day + "/", false, files); !status) {
    return status.error();
  }
  // While a file is being sealed both forms are there: the plain one is the truth.
  std::sort(files.begin(), files.end(), [](const LogFile& a, const LogFile& b) {
    return a.name != b.name ? a.name < b.name : a.sealed < b.sealed;
  });
  const auto same = [](const LogFile& a, const LogFile& b) { return a.name == b.name; };
  files.erase(std::unique(files.begin(), files.end(), same), files.end());
  return files;
}

Result<LogFile> find_log_file(const std::filesystem::path& root, const std::string& name) {
  if (day_of(name).empty()) return client_error("no name of a log file");
  LogFile file;
  file.name = name;
  if (fill(AT_FDCWD, (root / name).c_str(), file)) return file;
  file.sealed = true;
  if (fill(AT_FDCWD, (root / (name + ".zst")).c_str(), file)) return file;
  return client_error("log file is gone: " + name);
}

bool is_quarantine(std::string_view name) {
  return name.ends_with(kQuarantineFile) && name.size() == 11 + kQuarantineFile.size();
}

std::string_view day_of(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || !name.ends_with(kSuffix)) return {};
  const std::string_view day = name.substr(0, slash);
  if (!is_day(day) || name.find('\0') != std::string_view::npos) return {};
  std::string_view rest = name.substr(slash + 1);
  unsigned folders = 0;
  while (!rest.empty()) {
    const bool hidden = rest.front() == '.' && (folders > 0 || !is_note(rest));
    if (hidden || rest.front() == '/' || ++folders > 2) return {};
    const std::size_t next = rest.find('/');
    rest = next == std::string_view::npos ? std::string_view{} : rest.substr(next + 1);
  }
  return day;
}

}  // namespace albicilla::viewer
