// Writes what the layouts derive from committed lines, beside the log files and after them. What a
// layout's files hold belongs to a position of the commit log, kept with every checkpoint; a replay
// goes on from there and writes the same bytes to the same places, so a crash neither loses nor
// doubles a derived line. One thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/layout/layout.h"
#include "sink/log/commit_group.h"

namespace albicilla {

struct LayoutPlace {
  const Layout* layout = nullptr;
  std::string directory;
  LayoutLimits limits{};
};

class LayoutWriter {
 public:
  LayoutWriter(FileSystem& files, std::vector<LayoutPlace> places);

  bool any() const { return !places_.empty(); }
  // As the state in `path` says; a layout that it does not know begins at `position` behind what
  // its directory holds, durably so. May be called again.
  Status load(const std::string& path, LogPosition position);
  // The lines of a group's entries that ends at `end`; what the layouts have already is passed
  // over.
  Status write_group(std::string_view entries, LogPosition end);
  // Of where they stand now; empty without layouts.
  std::string state() const;
  std::vector<std::string> directories() const;

  // For making them anew: moves the files that are there aside (`.before-N`), then takes lines by
  // themselves. finish() says that they stand at `position`.
  Status begin_anew();
  Status write_line(std::string_view file, std::string_view line);
  Status finish(const std::string& path, LogPosition position);

 private:
  using Sizes = std::map<std::string, std::uint64_t, std::less<>>;
  struct Placed {
    LayoutPlace place;
    LogPosition position;
    Sizes sizes;                  // of the files that may still grow
    std::set<std::string> whole;  // files known to end at their size
  };

  Status write(Placed& placed, std::vector<DerivedLine> lines);
  Status append(Placed& placed, const std::string& file, const std::string& text);
  Status find_sizes(Placed& placed);
  Status move_aside(const std::string& directory);
  bool restore(std::string_view state);
  static std::string key_of(const LayoutPlace& place);

  FileSystem& files_;
  std::vector<Placed> places_;
};

// Every line of every day that is there, in the order of the log's files. How many lines.
Result<std::uint64_t> remake_layouts(FileSystem& files, const std::string& log_root,
                                     LayoutWriter& layouts);

}  // namespace albicilla
