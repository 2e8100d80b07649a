// An OpenAI chat completion as the Anthropic message that says the same. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "common/json/tree.h"
#include "common/translate/translation.h"

namespace albicilla {

// nullopt when it is no chat completion.
std::optional<Json> message_of_completion(const Json& completion, const AnswerTerms& terms);

// What a message or a delta says of its model's reasoning, under whatever name its vendor chose:
// reasoning_details (the only one that keeps signatures), reasoning_content, or reasoning. An array
// of thinking and redacted_thinking blocks.
Json reasoning_blocks_of(const Json& message);

// The arguments of a call as the object that Anthropic's API wants. A model may write broken JSON;
// then the object holds the text as {"_raw_arguments": "..."}, so nothing is lost.
Json tool_input_of(std::string_view arguments);

}  // namespace albicilla
