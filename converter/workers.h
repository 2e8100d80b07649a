// Works on groups side by side and hands their rows on in the order of the groups, so that the
// outcome is the same for any number of workers.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "converter/group_work.h"
#include "converter/row_stage.h"

namespace albicilla {

// `sink` is called on the calling thread only. An interrupt ends it between two groups. When
// `run.sessions` turns out to be wrong, `tally.found_mixed` is set and what the sink took is void.
Status run_groups(const Run& run, const std::vector<LogGroup>& groups, RowSink& sink, Tally& tally);

}  // namespace albicilla
