// Everything that the commit log's entries add up to. A decision is made by looking at it, and it
// changes only by applying an entry, at run time exactly as in a replay. Not thread safe.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/session/session_table.h"
#include "sink/log/commit_entry.h"
#include "sink/log/file_table.h"
#include "sink/log/prefix_table.h"
#include "sink/log/producer_table.h"

namespace albicilla {

struct SinkState {
  std::uint64_t epoch = 0;
  std::string sealed_until;  // the last day that gets no more lines; empty: none is sealed
  ProducerTable producers;
  FileTable files;
  SessionTable sessions{SessionTableLimits::none()};  // those decided by history
  PrefixTable prefixes;                               // of sessions' files

  // An error when the entry cannot follow what was applied before: then the log is damaged.
  Status apply(const CommitEntry& entry);
};

}  // namespace albicilla
