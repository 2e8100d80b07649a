// What is done with one group of log files: read, rebuild, write rows to a sink. Groups know
// nothing of one another, so any number of workers gives the same rows.
#pragma once

#include <optional>
#include <vector>

#include "common/base/result.h"
#include "converter/longest_path.h"
#include "converter/options.h"
#include "converter/progress.h"
#include "converter/reading/exchange_table.h"
#include "converter/reading/log_groups.h"
#include "converter/reading/log_reader.h"
#include "converter/row_maker.h"
#include "converter/rows.h"
#include "converter/state.h"

namespace albicilla {

// What all workers share; all of it outlives them.
struct Run {
  const ConvertOptions& options;
  const std::vector<LogFile>& files;
  const RunState& state;
  Progress& progress;
  Sessions sessions = Sessions::mixed;  // how they are taken to stand
};

// Used for group after group; belongs to one thread.
class GroupWork {
 public:
  // `memory` is what this worker may hold in texts.
  GroupWork(const Run& run, std::size_t memory);

  // The group's rows, from the logs or from what an earlier run made of them.
  Status run(const LogGroup& group, Sessions sessions, RowSink& sink, Tally& tally);
  // The reason for an error of run(): the sessions stand otherwise than was said, and all that the
  // sink took is void.
  bool found_mixed() const { return reader_.found_mixed(); }

 private:
  Status convert(const LogGroup& group, Sessions sessions, RowSink& sink, Tally& tally);
  Status add_rows(ReadingNotes& notes, RowSink& sink, Tally& tally);
  // The compatibility format's one record of a file.
  Status add_record(const LogGroup& group, ReadingNotes& notes, RowSink& sink, Tally& tally);
  Result<std::optional<FileRecord>> choose_record(ReadingNotes& notes, Tally& tally);

  const Run& run_;
  const ConvertOptions& options_;
  const std::vector<LogFile>& files_;
  ExchangeTable table_;
  LogReader reader_;
  RowMaker maker_;
};

}  // namespace albicilla
