#include "converter/reading/conversation.h"

#include <algorithm>

namespace albicilla {

void Conversation::clear() {
  system.clear();
  turns.clear();
  tools.clear();
  parameters = {};
  usage = {};
  provenance = {};
  parts.clear();
  loaded.clear();
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
