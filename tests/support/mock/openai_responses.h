// OpenAI's Responses API as the real service words it: typed events with sequence numbers,
// reasoning items, messages, function calls, and conversations that go on from an earlier response.
#pragma once

#include "tests/support/mock/answer.h"
#include "tests/support/mock/ask.h"

namespace albicilla::mock {

// `threads` remembers scripted conversations that are continued by previous_response_id.
Answer responses_answer(const Request& request, const Ask& ask, Threads& threads);

}  // namespace albicilla::mock
