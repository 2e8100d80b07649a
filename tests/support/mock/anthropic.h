// Anthropic's API as the real service words it: messages plain and streamed, token counts, models
// and errors.
#pragma once

#include <string_view>

#include "tests/support/mock/answer.h"
#include "tests/support/mock/ask.h"

namespace albicilla::mock {

// Whether a request expects Anthropic's shapes.
bool speaks_anthropic(const Request& request);

// `threads` remembers scripted conversations that are continued by message id.
Answer messages_answer(const Request& request, const Ask& ask, Threads& threads);
Answer count_tokens_answer(const Ask& ask);
Answer anthropic_models_answer();
Answer anthropic_error(unsigned status, std::string_view message, const Request& request);

}  // namespace albicilla::mock
