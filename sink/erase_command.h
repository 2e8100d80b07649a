// `albicilla-sink erase …`: asks that everything of a session or a user be taken out of a log. The
// request lies in the log root; the running sink, or the next one that runs there, sees to it.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

// `argv` begins behind "erase". What it has to say, or an error of use.
Result<std::string> run_erase_command(FileSystem& files, const Clock& clock, int argc,
                                      const char* const* argv);

}  // namespace albicilla
