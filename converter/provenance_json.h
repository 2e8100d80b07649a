// A conversation's provenance as one JSON object, for the sidecar or inside the row.
#pragma once

#include <string>

#include "converter/reading/conversation.h"

namespace albicilla {

// What was counted of the row; empty when nothing was.
struct TokenCount {
  std::uint64_t tokens = 0;
  std::string_view source;  // "exact" or "estimated"
};

void append_provenance(std::string& out, const Conversation& conversation, const TokenCount& count);

}  // namespace albicilla
