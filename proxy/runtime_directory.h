// Where the proxy and its own sink meet: a directory for their ipc sockets that only we can enter.
#pragma once

#include <string>

#include "common/base/result.h"

namespace albicilla {

// The same for the same log root every time, because a spool knows its sink by this name. Makes the
// log root, and the directory with mode 0700: `<log root>/.run`, or one in /tmp named after the log
// root when a socket's path there would be longer than the kernel takes.
Result<std::string> runtime_directory(const std::string& log_root);

}  // namespace albicilla
