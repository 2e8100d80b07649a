// `albicilla-sink keys …`: makes the sink's CURVE pair and keeps the allowlist of workers. A
// running sink reads the allowlist again when a worker connects, so nothing has to be restarted.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

// `argv` begins behind "keys". What it has to say, or an error of use.
Result<std::string> run_keys_command(FileSystem& files, int argc, const char* const* argv);

}  // namespace albicilla
