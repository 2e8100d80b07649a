// How many files this process may have open.
#pragma once

#include <cstddef>

namespace albicilla {

// Raises the soft limit to the hard one and returns what it is then. Where it cannot be read, what
// every system grants.
std::size_t raise_open_files_limit();

}  // namespace albicilla
