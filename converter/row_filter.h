// Which conversations the user wants. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/conversation.h"

namespace albicilla {

// "model=gpt-4o", "turns>3", "user!=bob", "client~claude" (holds the text).
struct Condition {
  enum class Relation : std::uint8_t { equal, different, more, less, holds };
  std::string field;
  Relation relation = Relation::equal;
  std::string value;
};

// An error names the fields there are.
Result<Condition> parse_condition(std::string_view text);

struct RowFilter {
  std::optional<WallTime> since;  // of the conversation's start
  std::optional<WallTime> until;  // before this
  std::vector<std::string> models;
  std::vector<std::string> sessions;
  std::vector<std::string> users;
  std::vector<int> statuses;  // of the last exchange
  std::size_t min_turns = 0;  // of the assistant
  bool has_tools = false;     // at least one call
  std::vector<Condition> where;

  // Empty when the conversation is wanted, else the name of the option that leaves it out.
  std::string_view leaves_out(const Conversation& conversation) const;
};

}  // namespace albicilla
