// The words in which two APIs say the same of an answer: why it stopped, what it cost, what it is
// called. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/json/tree.h"

namespace albicilla {

// "stop" -> "end_turn", "tool_calls" -> "tool_use", ...; an unknown word is "end_turn".
std::string_view anthropic_stop_reason(std::string_view finish_reason);
// "end_turn" -> "stop", "max_tokens" -> "length", ...; an unknown word is "stop".
std::string_view openai_finish_reason(std::string_view stop_reason);

// The other way the same id: "chatcmpl-abc" <-> "msg_abc". Whatever else an upstream names its
// answers keeps its text behind the prefix, so the answer can be found again; `fallback` when it
// names them not at all.
std::string anthropic_message_id(std::string_view upstream_id, std::string_view fallback);
std::string openai_completion_id(std::string_view upstream_id, std::string_view fallback);

// An id of a tool call that Anthropic's API takes ([A-Za-z0-9_-]+): itself, or a readable form of
// it that no other id has.
std::string anthropic_tool_id(std::string_view id);

// OpenAI counts cached tokens as a part of the prompt, Anthropic beside it. `usage` may be null.
Json anthropic_usage(const Json& openai_usage);
Json openai_usage(const Json& anthropic_usage);

}  // namespace albicilla
