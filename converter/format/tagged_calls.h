// Calls and results as tagged text, the way open models are trained to write them: one JSON object
// between <tool_call> and </tool_call>, results between <tool_response> and </tool_response>.
#pragma once

#include <string>

#include "common/base/result.h"
#include "converter/reading/conversation.h"

namespace albicilla {

// {"name": "f", "arguments": {...}}
Result<std::string> call_object(const Part& call);

// <think>, the answer's text and its calls, each part behind a newline.
Result<std::string> tagged_answer(const Turn& turn);

// One tool's result.
Result<std::string> tagged_result(const Conversation& conversation, const Turn& turn);

// What a model has to know of its tools; empty when there are none.
std::string tagged_tools(const Conversation& conversation);

}  // namespace albicilla
