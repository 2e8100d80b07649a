// The parent of all: opens the port, starts workers and (unless told of another) a sink, starts
// them again when they die, answers for them on the control endpoints, and brings all to an orderly
// end. Carries no traffic itself.
#pragma once

#include <string>

#include "common/json/tree.h"
#include "proxy/config/config.h"

namespace albicilla {

// `settings` is what `config` was built from; workers build theirs from the same.
// Serves until SIGTERM or SIGINT and the drain behind it; the process's exit code.
int run_supervisor(const Json& settings, const Config& config);

}  // namespace albicilla
