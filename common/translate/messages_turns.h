// Chat messages as the turns of an Anthropic conversation. Tool messages become blocks of a user
// turn, and what stands next to each other in one role becomes one turn, as that API wants it.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/json/tree.h"
#include "common/translate/field_rules.h"

namespace albicilla {

class MessagesTurns {
 public:
  explicit MessagesTurns(Notes& notes) : notes_(notes) {}

  // One element of `messages`; `where` names it for a refusal.
  Status add(const Json& message, const std::string& where);

  // Blocks of the system and developer messages that open the conversation; an empty array when
  // there is none. Later ones are turns of their own.
  Json take_system() { return std::move(system_); }
  Json take_turns();

 private:
  Status add_system(const Json& message, const std::string& where);
  Status add_user(const Json& message, const std::string& where);
  Status add_assistant(const Json& message, const std::string& where);
  Status add_tool(const Json& message, const std::string& where);
  Status add_calls(const Json& message, const std::string& where, Json& blocks);
  Status add_reasoning(const Json& message, Json& blocks);
  void add_blocks(std::string_view role, Json blocks);

  struct Turn {
    std::string role;
    Json::Array blocks;
  };

  Notes& notes_;
  Json system_ = Json::array();
  std::vector<Turn> turns_;
};

}  // namespace albicilla
