#include "common/session/conversation_turns.h"

#include "common/json/scan.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

bool is_text_part(std::string_view type) {
  return type == "text" || type == "input_text" || type == "output_text";
}

// Reasoning is sent back by some clients and dropped by others.
bool is_reasoning(std::string_view type) {
  return type == "thinking" || type == "redacted_thinking" || type == "reasoning";
}

// White space between tokens is the serializer's and not the model's.
void append_json(std::string& out, std::string_view raw) {
  if (check_json(raw)) {
    append_minified(out, raw);
  } else {
    out += raw;
  }
}

void append_call(Turn& turn, std::string_view name, std::string_view arguments) {
  turn.other += "\x1e";
  turn.other += json_inside(name);
  turn.other += "\x1f";
  if (const auto text = json_text(arguments)) {
    append_json(turn.other, *text);
  } else {
    append_json(turn.other, arguments);
  }
}

class Reader {
 public:
  explicit Reader(const VisitTurn& visit) : visit_(visit) {}

  // An element of `messages`, `input` or `output`.
  void message(std::string_view raw, std::string_view fallback_role) {
    const std::string_view type = json_inside(json_member(raw, "type"));
    std::string_view role = json_inside(json_member(raw, "role"));
    if (is_reasoning(type)) return;
    if (type == "function_call" || type == "custom_tool_call") return call_item(raw);
    if (type == "function_call_output" || type == "custom_tool_call_output") {
      Turn turn{TurnRole::tool, {}, {}};
      content(json_member(raw, "output"), turn);
      return visit_(turn);
    }
    if (role.empty()) role = fallback_role;
    if (role == "system" || role == "developer") return;
    Turn turn;
    turn.role = role == "assistant" || role == "model" ? TurnRole::model
                : role == "tool" || role == "function" ? TurnRole::tool
                                                       : TurnRole::user;
    content(json_member(raw, "content"), turn);
    calls(raw, turn);
    give(turn);
  }

 private:
  void call_item(std::string_view raw) {
    Turn turn{TurnRole::model, {}, {}};
    std::string_view arguments = json_member(raw, "arguments");
    if (arguments.empty()) arguments = json_member(raw, "input");
    append_call(turn, json_member(raw, "name"), arguments);
    visit_(turn);
  }

  void calls(std::string_view raw, Turn& turn) {
    JsonElements elements(json_member(raw, "tool_calls"));
    for (std::string_view call; elements.next(call);) {
      std::string_view function = json_member(call, "function");
      if (function.empty()) function = json_member(call, "custom");
      std::string_view arguments = json_member(function, "arguments");
      if (arguments.empty()) arguments = json_member(function, "input");
      append_call(turn, json_member(function, "name"), arguments);
    }
    const std::string_view legacy = json_member(raw, "function_call");
    if (json_kind(legacy) == JsonKind::object) {
      append_call(turn, json_member(legacy, "name"), json_member(legacy, "arguments"));
    }
  }

  void content(std::string_view raw, Turn& turn) {
    if (const auto text = json_text(raw)) {
      turn.text += *text;
      return;
    }
    JsonElements parts(raw);
    for (std::string_view part; parts.next(part);) add_part(part, turn);
  }

  void add_part(std::string_view part, Turn& turn) {
    const std::string_view type = json_inside(json_member(part, "type"));
    if (is_text_part(type)) {
      if (const auto text = json_text(json_member(part, "text"))) turn.text += *text;
    } else if (type == "refusal") {
      if (const auto text = json_text(json_member(part, "refusal"))) turn.text += *text;
    } else if (type == "tool_use" || type == "server_tool_use") {
      append_call(turn, json_member(part, "name"), json_member(part, "input"));
    } else if (type == "tool_result") {
      Turn result{TurnRole::tool, {}, {}};
      // Its parts are texts and images; what is nested deeper is no result's.
      nested_result(json_member(part, "content"), result);
      visit_(result);
    } else if (!is_reasoning(type)) {
      turn.other += "\x1e";
      append_json(turn.other, part);
    }
  }

  void nested_result(std::string_view raw, Turn& turn) {
    if (const auto text = json_text(raw)) turn.text += *text;
    JsonElements parts(raw);
    for (std::string_view part; parts.next(part);) {
      if (const auto text = json_text(json_member(part, "text"))) {
        turn.text += *text;
      } else {
        append_json(turn.other, part);
      }
    }
  }

  // A user message of nothing but tool results has been visited already.
  void give(const Turn& turn) {
    const bool empty = turn.text.empty() && turn.other.empty();
    if (!empty || turn.role == TurnRole::tool) visit_(turn);
  }

  const VisitTurn& visit_;
};

}  // namespace

void visit_request_turns(std::string_view request, const VisitTurn& visit) {
  Reader reader(visit);
  std::string_view list = json_member(request, "messages");
  if (list.empty()) list = json_member(request, "input");
  if (const auto text = json_text(list)) return visit({TurnRole::user, *text, {}});
  JsonElements messages(list);
  for (std::string_view raw; messages.next(raw);) reader.message(raw, "user");
}

void visit_answer_turns(std::string_view answer, const VisitTurn& visit) {
  Reader reader(visit);
  const std::string_view output = json_member(answer, "output");
  if (!output.empty()) {
    JsonElements items(output);
    for (std::string_view raw; items.next(raw);) reader.message(raw, "assistant");
    return;
  }
  JsonElements choices(json_member(answer, "choices"));
  if (std::string_view first; choices.next(first)) {
    return reader.message(json_member(first, "message"), "assistant");
  }
  if (json_kind(json_member(answer, "content")) == JsonKind::array) {
    reader.message(answer, "assistant");
  }
}

}  // namespace albicilla
