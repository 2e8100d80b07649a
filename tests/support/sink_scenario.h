// A run of the sink's log that can be stopped anywhere, and the check of what must be true after
// it.
#pragma once

#include <map>
#include <string>

#include "tests/support/memory_disk.h"
#include "tests/support/sink_root.h"

namespace albicilla::tests {

// Records of three producers, committed in small groups, with checkpoints and a restart; until the
// disk dies. False when it has died.
bool run_scenario(SinkRoot& root, MemoryDisk& disk);

// After a restart: every record that was promised is there, every record that is there is there
// once, and every chain holds.
void check_promise(SinkRoot& root, const MemoryDisk& disk);

// By name relative to the log root.
std::map<std::string, std::string> log_files(const MemoryDisk& disk);

}  // namespace albicilla::tests
