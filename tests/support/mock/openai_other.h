// The smaller endpoints of an OpenAI-compatible provider, and its errors.
#pragma once

#include <string_view>

#include "tests/support/mock/answer.h"
#include "tests/support/mock/ask.h"

namespace albicilla::mock {

Answer completions_answer(const Request& request, const Ask& ask);
Answer embeddings_answer(const Ask& ask);
// `path` is "/models" or "/models/<id>".
Answer models_answer(std::string_view path);
// Multipart upload, list, one file, its content; `path` begins with "/files".
Answer files_answer(const Request& request, std::string_view path, const Directives& directives);
// Bytes that are no text, `body_bytes` of them or 4,096.
Answer speech_answer(const Directives& directives);
Answer transcription_answer(const Directives& directives);
Answer openai_error(unsigned status, std::string_view message);

}  // namespace albicilla::mock
