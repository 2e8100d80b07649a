// OpenAI chat completions as the real service words them: whole answers and streams with a role
// delta, content deltas, parallel tool calls in pieces, finish_reason, the usage chunk, [DONE].
#pragma once

#include "tests/support/mock/answer.h"
#include "tests/support/mock/ask.h"

namespace albicilla::mock {

Answer chat_answer(const Request& request, const Ask& ask);

}  // namespace albicilla::mock
