// Finds what a stream's events cut into pieces. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "common/redact/replacement.h"

namespace albicilla {

// By the rules without a path, only where a text has more than one piece.
void redact_across(Replacer& replacer, std::vector<std::string>& pieces);

}  // namespace albicilla
