// The compatibility format: `{"messages": [...], "tools": [...]}` in Python's separators, one
// record per input file, as users of the predecessor's converter know it. FORMATS.md has a record.
#pragma once

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

// One record without its newline: the list of messages, the answer's message (or an empty text) and
// the list of tools (or an empty text), each as it was sent.
Result<std::string> albicilla_record(std::string_view messages, std::string_view answer,
                                     std::string_view tools, CallStyle style, TextRepairs& repairs);

}  // namespace albicilla
