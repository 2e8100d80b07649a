// The converter's work in order: find log files, read each, choose its conversation, write the
// records by day.
#pragma once

#include <ostream>

#include "converter/options.h"

namespace albicilla {

// Says on `out` what was written; warnings go to the log. Returns the exit code.
int convert(const ConvertOptions& options, std::ostream& out);

}  // namespace albicilla
