#include "converter/format/sides.h"

#include <algorithm>

namespace albicilla {

std::vector<const Turn*> system_turns(const Conversation& conversation) {
  std::vector<const Turn*> turns;
  for (const Turn& turn : conversation.system) turns.push_back(&turn);
  for (const Turn& turn : conversation.turns) {
    if (turn.role == Role::assistant) break;
    if (turn.role == Role::system) turns.push_back(&turn);
  }
  return turns;
}

Result<std::vector<Side>> sides_of(const Conversation& conversation) {
  std::vector<Side> sides;
  bool answered = false;
  for (std::size_t i = 0; i < conversation.turns.size(); ++i) {
    const Role role = conversation.turns[i].role;
    const bool assistant = role == Role::assistant;
    answered = answered || assistant;
    if (role == Role::system && !answered) continue;
    if (sides.empty() || sides.back().assistant != assistant) sides.push_back({assistant, {}});
    sides.back().turns.push_back(i);
  }
  if (sides.empty() || sides.front().assistant) {
    return client_error("the format wants the user to speak first");
  }
  if (!sides.back().assistant) return client_error("the format wants the assistant to speak last");
  return sides;
}

std::string turn_text(const Turn& turn, PartKind kind) {
  TextRepairs repairs;
  std::string text;
  bool first = true;
  for (const Part& part : turn.parts) {
    if (part.kind != kind) continue;
    if (!first && turn.role != Role::assistant) text += "\n\n";
    first = false;
    append_text(text, part.text, repairs);
  }
  return text;
}

Status only_parts(const Turn& turn, std::initializer_list<PartKind> kinds) {
  for (const Part& part : turn.parts) {
    if (std::find(kinds.begin(), kinds.end(), part.kind) == kinds.end()) {
      return client_error("the format has no place for this kind of content");
    }
  }
  return {};
}

Result<std::string> system_text(const Conversation& conversation) {
  std::string text;
  for (const Turn* const turn : system_turns(conversation)) {
    if (auto status = only_parts(*turn, {PartKind::text}); !status) return status.error();
    if (!text.empty()) text += "\n\n";
    text += turn_text(*turn);
  }
  return text;
}

void append_tool(RowWriter& row, const Tool& tool, const ToolNames& names) {
  row.begin_object().key(names.name).string(tool.name);
  if (!tool.description.body.empty()) row.key(names.description).string(tool.description);
  row.key(names.parameters);
  if (tool.parameters.empty()) {
    row.raw(R"({"type":"object","properties":{}})");
  } else {
    row.json(tool.parameters);
  }
  row.end_object();
}

}  // namespace albicilla
