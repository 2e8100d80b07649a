// Finds in a conversation, whatever API it is worded in, what scripts need: the newest script and
// how many turns with tool calls have followed it, and whether results of tools stand at the end.
#pragma once

#include <simdjson.h>

#include "tests/support/mock/ask.h"

namespace albicilla::mock {

// `messages` (chat completions, Anthropic) or `input` (responses) of the body.
void read_conversation(const simdjson::dom::element& body, Ask& ask);

}  // namespace albicilla::mock
