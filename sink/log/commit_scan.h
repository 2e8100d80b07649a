// Reads a commit log front to back and finds its end: where the whole groups stop, what is known to
// have been synced, and whether what stops them is a torn tail (an unfinished write at the very
// end, never acknowledged) or damage to something that was promised.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/commit_group.h"

namespace albicilla {

// Where to read from: a checkpoint's position and the number of the group that stands there.
struct ScanFrom {
  LogPosition position;
  std::uint64_t group = 1;
};

struct LogEnd {
  LogPosition end;           // behind the last whole group
  LogPosition known_synced;  // at most `end`
  std::uint64_t next_group = 1;
  std::uint64_t last_segment = 0;  // 0: there is none
  std::uint64_t torn_bytes = 0;    // behind `end`
};

// A group with its header bytes, as it stands in the file; the views live during the call.
struct GroupVisit {
  GroupHeader header;
  std::string_view bytes;
  std::string_view entries;
};
using VisitGroup = std::function<Status(const GroupVisit&)>;

// Every whole group from `from` on, in order. An error of `visit` ends the scan. Damage is an error
// that says where; so is a missing segment.
Result<LogEnd> scan_commit_log(FileSystem& files, const std::string& directory, const SinkId& sink,
                               ScanFrom from, const VisitGroup& visit);

}  // namespace albicilla
