// Tells which log files have changed, as soon as they do (inotify). Only a hint that saves waiting:
// where the kernel cannot tell (network file systems, too many folders), the regular listing finds
// the changes a little later.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla::viewer {

struct FileChanges {
  std::set<std::string> files;    // plain names below the root, "2026-01-13/s1.jsonl"
  std::set<std::string> folders;  // days that must be listed: something came or went
  bool everything = false;        // events were lost
};

// One thread waits; wake() may be called from any.
class FileWatch {
 public:
  explicit FileWatch(std::filesystem::path root);

  // Watches a day's folder and the folders in it; harmless when it is watched already.
  void add_day(const std::string& day);
  // Waits for the first change, then a moment longer for its neighbours. Empty after `timeout` or
  // wake().
  FileChanges wait(std::chrono::milliseconds timeout);
  // Does nothing for so long, or until wake(). Changes are kept.
  void rest(std::chrono::nanoseconds time);
  void wake();

 private:
  void add(const std::string& folder);
  void read_events(FileChanges& changes);
  bool wait_readable(std::chrono::milliseconds timeout, bool& woken);

  std::filesystem::path root_;
  Fd events_;
  Fd wake_;
  std::map<int, std::string> folders_;  // by watch
};

}  // namespace albicilla::viewer
