// Which log files must be read together: those that hold lines of the same sessions. A session's
// files of all days form one group, and groups can be worked on side by side.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/log_files.h"

namespace albicilla {

// Indices in the list of files, ascending; groups in the order of their first files.
using LogGroup = std::vector<std::uint32_t>;

// Looks at each file's first line; at every line only where the file's name does not tell that it
// belongs to one session. A file that cannot be read forms a group of its own, so that reading it
// says why.
std::vector<LogGroup> group_by_session(const std::vector<LogFile>& files);

// One group for each file.
std::vector<LogGroup> group_by_file(const std::vector<LogFile>& files);

}  // namespace albicilla
