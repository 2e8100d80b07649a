// One worker process: one event loop, its listening socket, its outbox. Keeps nothing that another
// worker needs.
#pragma once

#include <cstdint>

namespace albicilla {

// Serves until SIGTERM and the drain behind it; the process's exit code. Takes what the supervisor
// handed over.
int run_worker(std::uint32_t slot);

}  // namespace albicilla
