// The smaller endpoints of an OpenAI-compatible provider, and its errors.
#pragma once

#include <string_view>

#include "tests/support/mock/answer.h"
#include "tests/support/mock/ask.h"

namespace albicilla::mock {

Answer embeddings_answer(const Request& request, const Ask& ask);
// `path` is "/models" or "/models/<id>".
Answer models_answer(std::string_view path);
Answer openai_error(unsigned status, std::string_view message);

}  // namespace albicilla::mock
