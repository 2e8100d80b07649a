// What is done with one group of log files: read, rebuild, write rows to a sink. Groups know
// nothing of one another, so any number of workers gives the same rows.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "converter/options.h"
#include "converter/reading/exchange_table.h"
#include "converter/reading/log_groups.h"
#include "converter/reading/log_reader.h"
#include "converter/row_maker.h"
#include "converter/rows.h"

namespace albicilla {

// Used for group after group; belongs to one thread.
class GroupWork {
 public:
  // `memory` is what this worker may hold in texts.
  GroupWork(const ConvertOptions& options, const std::vector<LogFile>& files, std::size_t memory);

  Status run(const LogGroup& group, RowSink& sink, Tally& tally);

 private:
  Status add_record(const LogGroup& group, const ReadingNotes& notes, RowSink& sink, Tally& tally);

  const ConvertOptions& options_;
  const std::vector<LogFile>& files_;
  ExchangeTable table_;
  LogReader reader_;
  RowMaker maker_;
};

}  // namespace albicilla
