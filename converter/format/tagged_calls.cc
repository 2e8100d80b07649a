#include "converter/format/tagged_calls.h"

#include "converter/format/calls.h"
#include "converter/format/row_writer.h"
#include "converter/format/sides.h"

namespace albicilla {

Result<std::string> call_object(const Part& call) {
  const std::string arguments = arguments_json(call);
  if (!are_object(arguments)) return client_error("a call's arguments are no JSON object");
  std::string json;
  RowWriter row(json);
  row.begin_object().key("name").string(call.name).key("arguments").raw(arguments).end_object();
  return json;
}

Result<std::string> tagged_answer(const Turn& turn) {
  auto status =
      only_parts(turn, {PartKind::text, PartKind::refusal, PartKind::reasoning, PartKind::call});
  if (!status) return status.error();
  std::string text;
  const std::string thoughts = turn_text(turn, PartKind::reasoning);
  if (!thoughts.empty()) text = "<think>\n" + thoughts + "\n</think>\n";
  text += turn_text(turn) + turn_text(turn, PartKind::refusal);
  for (const Part* call : calls_of(turn)) {
    auto json = call_object(*call);
    if (!json) return json.error();
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += "<tool_call>\n" + *json + "\n</tool_call>";
  }
  return text;
}

Result<std::string> tagged_result(const Conversation& conversation, const Turn& turn) {
  if (auto status = only_parts(turn, {PartKind::text}); !status) return status.error();
  const Part* const call = answered_call(conversation, turn);
  if (call == nullptr) return client_error("a tool result answers no call");
  const std::string text = turn_text(turn);
  JsonCursor cursor(text);
  const JsonKind kind = cursor.kind();
  const bool is_json =
      (kind == JsonKind::object || kind == JsonKind::array) && cursor.skip() && cursor.at_end();
  std::string json;
  RowWriter row(json);
  row.begin_object().key("name").string(call->name).key("content");
  if (is_json) {
    row.json(text);
  } else {
    row.plain(text);
  }
  row.end_object();
  return "<tool_response>\n" + json + "\n</tool_response>";
}

std::string tagged_tools(const Conversation& conversation) {
  std::string tools;
  for (const Tool& tool : conversation.tools) {
    if (!tool.is_function) continue;
    tools += R"({"type":"function","function":)";
    RowWriter row(tools);
    append_tool(row, tool, {});
    tools += "}\n";
  }
  if (tools.empty()) return tools;
  return "# Tools\n\nThese functions may be called:\n<tools>\n" + tools +
         "</tools>\n\nA call is one JSON object with the function's name and its arguments:\n"
         "<tool_call>\n{\"name\": \"...\", \"arguments\": {...}}\n</tool_call>\n"
         "Its result comes back between <tool_response> and </tool_response>.";
}

}  // namespace albicilla
