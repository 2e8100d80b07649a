// An Anthropic message as the OpenAI chat completion that says the same. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "common/json/tree.h"
#include "common/translate/translation.h"

namespace albicilla {

// nullopt when it is no message.
std::optional<Json> completion_of_message(const Json& message, const AnswerTerms& terms);

// A thinking block as OpenRouter's clients know it: text and signature, so that a client which
// sends it back keeps Anthropic's chain of signed thinking whole. `index` counts thinking blocks.
Json reasoning_detail(const Json& thinking_block, std::size_t index);

}  // namespace albicilla
