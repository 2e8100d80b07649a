// The words that all dialects of the mock say: text, reasoning, refusal and tool calls, the same
// for the same request, with characters of one to four bytes so that cuts hit the middle of one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/mock/ask.h"

namespace albicilla::mock {

inline constexpr std::string_view kReasoning = "First I think – then I answer.";
inline constexpr std::string_view kRefusal = "I'm sorry, I can't help with that.";

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON text
};

// The text of a plain answer: the marker in front, then a sentence or `body_bytes` bytes.
std::string plain_text(const Directives& directives);
// The text of one delta of a stream; the first holds the marker.
std::string stream_word(const Directives& directives, std::uint64_t index);
// The index-th of the calls that the directives ask for.
ToolCall tool_call(const Ask& ask, std::size_t index);

}  // namespace albicilla::mock
