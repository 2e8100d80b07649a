// What every API's response objects have in common: id, model and usage, under the names that
// vendors give them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/dialect/dialect.h"

namespace albicilla {

// The text of a top-level member; empty when it is absent or no string.
std::string text_member(std::string_view json, std::string_view name);

// From the `usage` member, in OpenAI's, Anthropic's and their imitators' words. Input tokens are
// everything that the model read: Anthropic's cached tokens, which it counts beside its
// input_tokens, are added, so that all dialects mean the same.
Usage usage_of_response(std::string_view response_json);

}  // namespace albicilla
