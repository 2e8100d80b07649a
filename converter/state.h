// What earlier runs have made of each group of files, so that a run which was interrupted goes on
// and a run over a grown log works only on what is new. The outcome is the same as without it: a
// group's rows are taken from here only if its files, the options and the program are the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/log_files.h"
#include "converter/reading/log_groups.h"
#include "converter/rows.h"

namespace albicilla {

// Thread safe: groups are files of their own.
class RunState {
 public:
  // `folder` empty: remembers nothing. `options` is everything that the rows depend on.
  RunState(std::filesystem::path folder, const std::string& options);

  bool enabled() const { return !folder_.empty(); }
  // Gives the group's rows to `sink`; false when there are none or they are out of date.
  Result<bool> replay(const std::vector<LogFile>& files, const LogGroup& group, RowSink& sink,
                      Tally& tally) const;
  // Keeps `rows` (append_row's bytes) for the next run.
  Status keep(const std::vector<LogFile>& files, const LogGroup& group, const std::string& rows,
              const Tally& tally) const;

 private:
  std::filesystem::path folder_;
  std::string options_;
};

}  // namespace albicilla
