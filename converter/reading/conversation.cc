#include "converter/reading/conversation.h"

#include <algorithm>

namespace albicilla {

void Provenance::clear() {
  for (std::string* text : {&id, &session, &user, &client, &from, &parent_call_id}) text->clear();
  models.clear();
  exchanges.clear();
  started_at = ended_at = {};
  edge = Edge::start;
  status = 0;
}

void Conversation::clear() {
  system.clear();
  turns.clear();
  parameters = {};
  usage = {};
  provenance.clear();
  parts.clear();
  loaded.clear();
}

void Conversation::set_tools(std::string_view raw) {
  if (raw == tools_text) return;
  tools_text = raw;
  tools = read_tools(tools_text);
}

std::size_t Conversation::assistant_turns() const {
  return static_cast<std::size_t>(std::count_if(
      turns.begin(), turns.end(), [](const Turn& turn) { return turn.role == Role::assistant; }));
}

std::size_t Conversation::call_count() const {
  return static_cast<std::size_t>(std::count_if(
      parts.begin(), parts.end(), [](const Part& part) { return part.kind == PartKind::call; }));
}

}  // namespace albicilla
