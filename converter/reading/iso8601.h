// Reads the times that lines are stamped with: two a line, so eight digits at once. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/clock.h"

namespace albicilla {

// ISO 8601 with or without fraction and zone ("Z", "+00:00"; none is UTC).
std::optional<WallTime> parse_iso8601(std::string_view text);

}  // namespace albicilla
