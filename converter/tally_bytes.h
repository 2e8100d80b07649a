// A tally as bytes and back, for the state that a run leaves to the next one. Pure.
#pragma once

#include <string>
#include <string_view>

#include "converter/rows.h"

namespace albicilla {

void append_tally(std::string& out, const Tally& tally);
// False when the bytes are no tally.
bool read_tally(std::string_view bytes, Tally& tally);

}  // namespace albicilla
