#include "converter/reading/tools.h"

namespace albicilla {

namespace {

void read_members(JsonCursor& cursor, Tool& tool, bool& is_built_in) {
  RawString key;
  cursor.begin_object();
  while (cursor.next_member(key)) {
    const JsonKind kind = cursor.kind();
    if ((key.is("function") || key.is("custom")) && kind == JsonKind::object) {
      read_members(cursor, tool, is_built_in);
    } else if (key.is("name") && kind == JsonKind::string) {
      cursor.string(tool.name);
    } else if (key.is("description") && kind == JsonKind::string) {
      cursor.string(tool.description);
    } else if (key.is("parameters") || key.is("input_schema")) {
      if (cursor.skip(tool.parameters) && tool.parameters == "null") tool.parameters = {};
    } else if (key.is("strict")) {
      if (cursor.skip(tool.strict) && tool.strict == "null") tool.strict = {};
    } else if (key.is("type") && kind == JsonKind::string) {
      RawString type;
      cursor.string(type);
      is_built_in = !type.is("function") && !type.is("custom");
    } else {
      cursor.skip();
    }
  }
}

}  // namespace

std::vector<Tool> read_tools(std::string_view raw) {
  std::vector<Tool> tools;
  JsonCursor cursor(raw);
  if (cursor.kind() != JsonKind::array || !cursor.begin_array()) return tools;
  while (cursor.next_element()) {
    if (cursor.kind() != JsonKind::object) {
      if (!cursor.skip()) break;
      continue;
    }
    const char* const from = cursor.rest().data();
    Tool tool;
    bool is_built_in = false;
    read_members(cursor, tool, is_built_in);
    tool.raw = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
    tool.is_function = !tool.name.body.empty() && !is_built_in;
    tools.push_back(tool);
  }
  return tools;
}

}  // namespace albicilla
