#include "common/translate/messages_turns.h"

#include <array>
#include <utility>

#include "common/translate/answer_words.h"
#include "common/translate/chat_messages.h"
#include "common/translate/message_blocks.h"

namespace albicilla {

namespace {

constexpr std::string_view kNoNames = "the upstream's API names no speakers";

constexpr std::array kSystemFields{FieldRule{"role"}, FieldRule{"content"},
                                   FieldRule{"name", kNoNames}};
constexpr std::array kToolFields{FieldRule{"role"}, FieldRule{"content"}, FieldRule{"tool_call_id"},
                                 FieldRule{"name", kNoNames}};
constexpr std::array kAssistantFields{FieldRule{"role"},
                                      FieldRule{"content"},
                                      FieldRule{"refusal"},
                                      FieldRule{"tool_calls"},
                                      FieldRule{"reasoning_content"},
                                      FieldRule{"reasoning"},
                                      FieldRule{"reasoning_details"},
                                      FieldRule{"annotations", "the upstream cites otherwise"},
                                      FieldRule{"name", kNoNames}};
constexpr std::array kCallFields{FieldRule{"id"}, FieldRule{"type"}, FieldRule{"function"},
                                 FieldRule{"index"}};

}  // namespace

Status MessagesTurns::add(const Json& message, const std::string& where) {
  const std::string_view role = message.at("role").text();
  if (role == "system" || role == "developer") return add_system(message, where);
  if (role == "user") return add_user(message, where);
  if (role == "assistant") return add_assistant(message, where);
  if (role == "tool") return add_tool(message, where);
  return refused(place(where, "role"),
                 "expected system, developer, user, assistant or tool (function is its old name)");
}

Status MessagesTurns::add_system(const Json& message, const std::string& where) {
  Status status = check_fields(message, kSystemFields, where, notes_);
  Json blocks = Json::array();
  if (status) {
    status = append_blocks(message.at("content"), place(where, "content"), notes_, blocks);
  }
  if (!status) return status;
  if (turns_.empty()) {
    for (const Json& block : blocks.elements()) system_.push(block);
  } else {
    add_blocks("system", blocks);
  }
  return {};
}

Status MessagesTurns::add_user(const Json& message, const std::string& where) {
  Status status = check_fields(message, kSystemFields, where, notes_);
  Json blocks = Json::array();
  if (status) {
    status = append_blocks(message.at("content"), place(where, "content"), notes_, blocks);
  }
  if (status) add_blocks("user", blocks);
  return status;
}

Status MessagesTurns::add_tool(const Json& message, const std::string& where) {
  Status status = check_fields(message, kToolFields, where, notes_);
  Json content = Json::array();
  if (status) {
    status = append_blocks(message.at("content"), place(where, "content"), notes_, content);
  }
  if (!status) return status;
  Json result =
      Json::object({{"type", "tool_result"},
                    {"tool_use_id", anthropic_tool_id(message.at("tool_call_id").text())}});
  Json::Array blocks = content.elements();
  const std::string first(blocks.empty() ? "" : blocks.front().at("text").text());
  if (first.starts_with(kToolErrorMark)) {
    result.set("is_error", true);
    blocks.front() = anthropic_text_block(std::string_view(first).substr(kToolErrorMark.size()));
    if (first.size() == kToolErrorMark.size()) blocks.erase(blocks.begin());
  }
  if (!blocks.empty()) result.set("content", Json(std::move(blocks)));
  add_blocks("user", Json::array({result}));
  return {};
}

Status MessagesTurns::add_assistant(const Json& message, const std::string& where) {
  Status status = check_fields(message, kAssistantFields, where, notes_);
  Json blocks = Json::array();
  if (status) status = add_reasoning(message, blocks);
  if (status) {
    status = append_blocks(message.at("content"), place(where, "content"), notes_, blocks);
  }
  if (!status) return status;
  if (!message.at("refusal").text().empty()) {
    blocks.push(anthropic_text_block(message.at("refusal").text()));
  }
  status = add_calls(message, where, blocks);
  if (status) add_blocks("assistant", blocks);
  return status;
}

// Only what Anthropic itself has signed may go back there.
Status MessagesTurns::add_reasoning(const Json& message, Json& blocks) {
  bool signed_any = false;
  for (const Json& detail : message.at("reasoning_details").elements()) {
    const std::string_view type = detail.at("type").text();
    const std::string_view signature = detail.at("signature").text();
    if (type == "reasoning.text" && !signature.empty()) {
      blocks.push(Json::object({{"type", "thinking"},
                                {"thinking", detail.at("text").text()},
                                {"signature", signature}}));
      signed_any = true;
    } else if (type == "reasoning.encrypted") {
      blocks.push(
          Json::object({{"type", "redacted_thinking"}, {"data", detail.at("data").text()}}));
      signed_any = true;
    }
  }
  const bool unsigned_only = !message.at("reasoning_content").text().empty() ||
                             !message.at("reasoning").text().empty() ||
                             !message.at("reasoning_details").elements().empty();
  if (!signed_any && unsigned_only) {
    notes_.add("reasoning: dropped, the upstream takes only what it has signed itself");
  }
  return {};
}

Status MessagesTurns::add_calls(const Json& message, const std::string& where, Json& blocks) {
  const Json::Array& calls = message.at("tool_calls").elements();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::string inner = place(place(where, "tool_calls"), i);
    const Json& call = calls[i];
    const std::string_view type = call.at("type").text();
    if (!type.empty() && type != "function") {
      return refused(place(inner, "type"), "only function calls can be expressed");
    }
    Status status = check_fields(call, kCallFields, inner, notes_);
    if (!status) return status;
    const Json& function = call.at("function");
    const std::string_view arguments = function.at("arguments").text();
    Json input = Json::object();
    if (arguments.find_first_not_of(" \t\r\n") != std::string_view::npos) {
      Result<Json> parsed = parse_json(arguments);
      if (!parsed || !parsed->is_object()) {
        return refused(place(inner, "function.arguments"), "expected the text of a JSON object");
      }
      input = *std::move(parsed);
    }
    blocks.push(Json::object({{"type", "tool_use"},
                              {"id", anthropic_tool_id(call.at("id").text())},
                              {"name", function.at("name").text()},
                              {"input", std::move(input)}}));
  }
  return {};
}

void MessagesTurns::add_blocks(std::string_view role, Json blocks) {
  if (blocks.elements().empty()) return;
  // Neighbours of one role are one turn: parallel tool results must come together.
  if (turns_.empty() || turns_.back().role != role) turns_.push_back({std::string(role), {}});
  for (const Json& block : blocks.elements()) turns_.back().blocks.push_back(block);
}

Json MessagesTurns::take_turns() {
  Json::Array out;
  for (Turn& turn : turns_) {
    out.push_back(Json::object({{"role", turn.role}, {"content", Json(std::move(turn.blocks))}}));
  }
  turns_.clear();
  return Json(std::move(out));
}

}  // namespace albicilla
