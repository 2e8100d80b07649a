// The process's table of open files, made as large as it will be needed before the first client.
#pragma once

#include <cstddef>

namespace albicilla {

// Raises the limit of open files to what this process may have, and makes the kernel's table hold
// `wanted` of them at once. It would double the table when it is full, and in a process of several
// threads every doubling waits for all processors: 10 to 20 ms in which no client is served.
// `any` is an open descriptor. Returns how many there may be; before other threads start.
std::size_t prepare_descriptors(int any, std::size_t wanted);

}  // namespace albicilla
