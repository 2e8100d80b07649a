// What earlier runs have made of each group of files, so that a run which was interrupted goes on
// and a run over a grown log works only on what is new. The outcome is the same as without it: a
// group's rows are taken from here only if its files, the options and the program are the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/output_file.h"
#include "converter/reading/hash128.h"
#include "converter/reading/log_files.h"
#include "converter/reading/log_groups.h"
#include "converter/rows.h"

namespace albicilla {

// Passes the rows of one group on and writes them for the next run. Belongs to one thread.
class KeptRows final : public RowSink {
 public:
  KeptRows(std::unique_ptr<OutputFile> file, RowSink& next);
  Status take(const Row& row) override;
  // Before this the next run finds nothing.
  Status finish(const Tally& tally);

 private:
  std::unique_ptr<OutputFile> file_;
  RowSink& next_;
  std::string bytes_;
  Hash128 check_;  // of all rows so far
};

// Thread safe: groups are files of their own.
class RunState {
 public:
  // `folder` empty: remembers nothing. `options` is everything that the rows depend on.
  RunState(std::filesystem::path folder, const std::string& options);

  bool enabled() const { return !folder_.empty(); }
  // Gives the group's rows to `sink`; false when there are none or they are out of date.
  Result<bool> replay(const std::vector<LogFile>& files, const LogGroup& group, RowSink& sink,
                      Tally& tally) const;
  // For the group's rows, before its files are read: what they grow by in the meantime is for the
  // next run.
  Result<std::unique_ptr<KeptRows>> keep(const std::vector<LogFile>& files, const LogGroup& group,
                                         RowSink& next) const;

 private:
  // What a state file of this group begins with; empty when its files cannot be looked at.
  std::string head(const std::vector<LogFile>& files, const LogGroup& group) const;

  std::filesystem::path folder_;
  std::string options_;
};

}  // namespace albicilla
