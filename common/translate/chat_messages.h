// The turns of an Anthropic conversation as chat messages. One turn may become several: tool
// results are messages of their own there, and come before what else the user says. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/json/tree.h"
#include "common/translate/field_rules.h"

namespace albicilla {

// What stands before a tool's result that was an error, because a tool message has no such flag.
inline constexpr std::string_view kToolErrorMark = "[tool error]\n";

class ChatMessages {
 public:
  explicit ChatMessages(Notes& notes) : notes_(notes) {}

  // The request's `system`: a string or text blocks. Nothing is added for a blank one.
  Status add_system(const Json& system);
  // One element of `messages`; `where` names it for a refusal.
  Status add_turn(const Json& turn, const std::string& where);
  Json take() { return std::move(messages_); }

 private:
  Status add_user(const Json& content, const std::string& where);
  Status add_assistant(const Json& content, const std::string& where);
  Status add_tool_result(const Json& block, const std::string& where, Json& user_parts);
  Status add_tool_call(const Json& block, const std::string& where, Json& calls);

  Notes& notes_;
  Json messages_ = Json::array();
};

}  // namespace albicilla
