// How the line writes a duration: milliseconds with all the microseconds there are. Pure.
#pragma once

#include <string>

#include "common/base/clock.h"

namespace albicilla {

// 1.5, 12, 0.042; a negative one is 0.
std::string milliseconds(Microseconds duration);

}  // namespace albicilla
