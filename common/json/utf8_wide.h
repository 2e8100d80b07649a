// Checks UTF-8 in the widest registers there are, 64 bytes a step: simdjson's own wide kernel wants
// instructions (VBMI2) that many processors with such registers lack. Serves scan.cc. Pure.
#pragma once

#include <string_view>

namespace albicilla {

// The processor can run the function below.
bool has_wide_utf8();
bool is_utf8_wide(std::string_view text);

}  // namespace albicilla
