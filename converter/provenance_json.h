// A conversation's provenance as one JSON object, for the sidecar or inside the row.
#pragma once

#include <string>

#include "converter/reading/conversation.h"

namespace albicilla {

void append_provenance(std::string& out, const Conversation& conversation);

}  // namespace albicilla
