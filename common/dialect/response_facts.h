// What every API's response objects have in common: id, model and usage, under the names that
// vendors give them. Pure.
#pragma once

#include <string_view>

#include "common/dialect/dialect.h"

namespace albicilla {

// From one walk over the object. Usage comes from the `usage` member, in OpenAI's, Anthropic's and
// their imitators' words. Input tokens are everything that the model read: Anthropic's cached
// tokens, which it counts beside its input_tokens, are added, so that all dialects mean the same.
ResponseFacts facts_of_response(std::string_view response_json);

}  // namespace albicilla
