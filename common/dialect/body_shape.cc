#include "common/dialect/body_shape.h"

#include "common/json/walk.h"

namespace albicilla {

namespace {

// A tool of Anthropic's has its schema at the top, OpenAI's below `function`.
bool has_anthropic_tool(std::string_view tools) {
  std::string_view tool;
  for (JsonElements all(tools); all.next(tool);) {
    if (!json_first_member(tool, "function").empty()) return false;
    if (!json_first_member(tool, "input_schema").empty()) return true;
  }
  return false;
}

}  // namespace

BodyShape shape_of_body(std::string_view body) {
  BodyShape shape;
  std::string_view tools;
  JsonMember member;
  for (JsonMembers all(body); all.next(member);) {
    const std::string_view key = member.key;
    if (key == "messages") {
      shape.messages = true;
    } else if (key == "tools") {
      tools = member.value;
    } else if (key == "input" || key == "previous_response_id" || key == "max_output_tokens") {
      shape.responses_words = true;
    } else if (key == "system" || key == "anthropic_version" || key == "stop_sequences") {
      shape.anthropic_words = true;
    }
  }
  if (!shape.messages || shape.anthropic_words) return shape;
  shape.anthropic_words = has_anthropic_tool(tools);
  return shape;
}

}  // namespace albicilla
