#include "converter/format/parameters.h"

namespace albicilla {

std::string_view raw_member(std::string_view object, std::string_view name) {
  JsonCursor cursor(object);
  RawString key;
  std::string_view raw;
  if (cursor.kind() != JsonKind::object || !cursor.begin_object()) return {};
  while (cursor.next_member(key)) {
    if (!cursor.skip(raw)) return {};
    if (key.is(name) && raw != "null") return raw;
  }
  return {};
}

std::string_view parameter(const Conversation& conversation, std::string_view name) {
  return raw_member(conversation.parameters, name);
}

}  // namespace albicilla
