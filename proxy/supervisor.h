// The parent of all: opens the port, starts workers and (unless told of another) a sink, starts
// them again when they die, answers for them on the control endpoints, gives them a new
// configuration when asked to, and brings all to an orderly end. Carries no traffic itself.
#pragma once

#include <functional>
#include <string>

#include "common/json/tree.h"
#include "proxy/config/config.h"

namespace albicilla {

struct SupervisorPlan {
  Json settings;  // what `config` was built from; workers build theirs from the same
  Config config;
  // Gathers the settings anew, for a reload.
  std::function<Result<Json>()> read_again;
};

// Serves until SIGTERM or SIGINT and the drain behind it; the process's exit code.
int run_supervisor(SupervisorPlan plan);

}  // namespace albicilla
