// The compatibility format: `{"messages": [...], "tools": [...]}` in Python's separators, one
// record per input file, as users of the predecessor's converter know it. FORMATS.md has a record.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "converter/reading/json_text.h"

namespace albicilla {

// How an assistant's calls and their results are written.
enum class CallStyle {
  json_tool_call,  // as <tool_call> and <tool_result> text inside content
  native,          // as they were sent
};

// The request's messages, or nullopt when it is no chat completion.
std::optional<std::size_t> count_chat_messages(std::string_view request);

// The text of choices[0].message, empty when the response has none.
std::string_view answer_of(std::string_view response);

// One record without its newline. `answer` is a message's text or empty.
Result<std::string> albicilla_record(std::string_view request, std::string_view answer,
                                     CallStyle style, TextRepairs& repairs);

}  // namespace albicilla
