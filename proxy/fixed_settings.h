// Settings that are fixed for the life of a proxy: its port, its disks, its sink. A reload leaves
// them as they are.
#pragma once

#include <string>
#include <vector>

#include "common/json/tree.h"

namespace albicilla {

// Puts the fixed settings that are in force into `fresh`, the settings as they were gathered just
// now. `asked` is what was gathered at the start, `in_force` the same with what the supervisor
// added. Returns the keys of those that somebody has changed.
std::vector<std::string> keep_fixed(const Json& asked, const Json& in_force, Json& fresh);

}  // namespace albicilla
