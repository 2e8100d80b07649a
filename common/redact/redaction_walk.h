// Redacts one JSON value by all rules of a policy. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "common/redact/replacement.h"

namespace albicilla {

// `json` is valid; `root` is its name in paths.
std::string redact_value(Replacer& replacer, std::string_view root, std::string_view json);

// A text, and when it is JSON the strings in it, escapes undone. False: unchanged.
bool redact_nested(Replacer& replacer, std::string& text, int depth);

}  // namespace albicilla
