// Writes lines to their places in the log files, through the page cache: the commit log holds them
// durably, so no file is synced one by one. Writing a line again changes nothing, which is what
// lets a replay, or a write that found the disk full, simply be done again. One thread owns it. At
// most `most_open` files are open, the one unused longest goes first.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/commit_entry.h"
#include "sink/log/layout_writer.h"

namespace albicilla {

class LogWriter {
 public:
  LogWriter(FileSystem& files, std::string root, std::size_t most_open);

  // All lines that a group's entries write, but for those of days up to `sealed_until`; lines that
  // follow one another in a file go together.
  Status write_group(std::string_view entries, std::string_view sealed_until = {});

  // Other layouts follow the lines; they outlive the writer. Null: none do.
  void set_layouts(LayoutWriter* layouts) { layouts_ = layouts; }
  LayoutWriter* layouts() const { return layouts_; }

  std::size_t open_files() const { return open_.size(); }

 private:
  struct Open {
    std::string file;
    std::unique_ptr<RandomFile> handle;
  };
  using OpenFiles = std::list<Open>;

  Result<RandomFile*> open(std::string_view file);
  Status make_directory(const std::string& file);
  Status write_run(const std::vector<LineWrite>& run);

  FileSystem& files_;
  LayoutWriter* layouts_ = nullptr;
  std::string root_;
  std::size_t most_open_;
  OpenFiles open_;  // used last in front
  std::unordered_map<std::string_view, OpenFiles::iterator> by_name_;
  std::unordered_set<std::string> directories_;  // that are known to exist
};

}  // namespace albicilla
