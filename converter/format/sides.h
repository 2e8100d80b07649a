// Many formats know only two speakers who take turns. A conversation as such: what the user and the
// tools say between two answers is one side's turn.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/format/row_writer.h"
#include "converter/reading/conversation.h"

namespace albicilla {

struct Side {
  bool assistant = false;
  std::vector<std::size_t> turns;
};

// Sides alternate, the first is the user's, the last the assistant's. An error when the
// conversation does not go so. Agents put system messages between others: before the first answer
// they belong to the system prompt, behind it they are said by the user's side.
Result<std::vector<Side>> sides_of(const Conversation& conversation);

// What the model was told before its first answer, wherever that stood.
std::vector<const Turn*> system_turns(const Conversation& conversation);
// Their texts as paragraphs of one plain text; empty when there is none. An error when it is not
// only text.
Result<std::string> system_text(const Conversation& conversation);

// The texts of a turn as one plain text: an answer's pieces as they follow, a user's as paragraphs.
std::string turn_text(const Turn& turn, PartKind kind = PartKind::text);

// Fails unless all parts are of these kinds.
Status only_parts(const Turn& turn, std::initializer_list<PartKind> kinds);

// {"name": ..., "description": ..., "parameters": {...}} of each function, under these names.
struct ToolNames {
  std::string_view name = "name";
  std::string_view description = "description";
  std::string_view parameters = "parameters";
};
void append_tool(RowWriter& row, const Tool& tool, const ToolNames& names);

}  // namespace albicilla
