#include "common/translate/chat_messages.h"

#include <array>
#include <utility>

#include "common/translate/chat_answer.h"
#include "common/translate/chat_parts.h"

namespace albicilla {

namespace {

constexpr std::string_view kCaching = "the upstream caches prompts on its own";

constexpr std::array kTurnFields{FieldRule{"role"}, FieldRule{"content"}};
constexpr std::array kToolUseFields{FieldRule{"type"},   FieldRule{"id"},
                                    FieldRule{"name"},   FieldRule{"input"},
                                    FieldRule{"caller"}, FieldRule{"cache_control", kCaching}};
constexpr std::array kToolResultFields{FieldRule{"type"}, FieldRule{"tool_use_id"},
                                       FieldRule{"content"}, FieldRule{"is_error"},
                                       FieldRule{"cache_control", kCaching}};
constexpr std::array kThinkingFields{FieldRule{"type"}, FieldRule{"thinking"},
                                     FieldRule{"signature"}};

std::string_view type_of(const Json& block) { return block.at("type").text(); }

Json message_of(std::string_view role, Json content) {
  return Json::object({{"role", role}, {"content", std::move(content)}});
}

}  // namespace

Status ChatMessages::add_system(const Json& system) {
  if (system.is_null()) return {};
  Json parts = Json::array();
  if (system.is_string()) {
    parts.push(chat_text_part(system.text()));
  } else if (!system.is_array()) {
    return refused("system", "expected a string or an array of text blocks");
  }
  for (std::size_t i = 0; i < system.elements().size(); ++i) {
    const std::string where = place("system", i);
    if (type_of(system.elements()[i]) != "text") return refused(where, "expected a text block");
    Status added = append_chat_parts(system.elements()[i], where, notes_, parts);
    if (!added) return added;
  }
  Json content = chat_content_of(std::move(parts), "\n\n");
  if (content.text().find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
  messages_.push(message_of("system", std::move(content)));
  return {};
}

Status ChatMessages::add_turn(const Json& turn, const std::string& where) {
  Status checked = check_fields(turn, kTurnFields, where, notes_);
  if (!checked) return checked;
  const std::string_view role = turn.at("role").text();
  const Json& content = turn.at("content");
  if (!content.is_string() && !content.is_array()) {
    return refused(place(where, "content"), "expected a string or an array of blocks");
  }
  if (role != "user" && role != "assistant" && role != "system") {
    return refused(place(where, "role"), "expected user, assistant or system");
  }
  if (content.is_string()) {
    messages_.push(message_of(role, content));
    return {};
  }
  if (role == "assistant") return add_assistant(content, where);
  if (role == "user") return add_user(content, where);
  Json parts = Json::array();
  for (std::size_t i = 0; i < content.elements().size(); ++i) {
    const std::string inner = place(place(where, "content"), i);
    if (type_of(content.elements()[i]) != "text") return refused(inner, "expected a text block");
    Status added = append_chat_parts(content.elements()[i], inner, notes_, parts);
    if (!added) return added;
  }
  messages_.push(message_of("system", chat_content_of(std::move(parts), "\n\n")));
  return {};
}

Status ChatMessages::add_user(const Json& content, const std::string& where) {
  Json from_results = Json::array();  // what a tool returned and a tool message cannot hold
  Json said = Json::array();
  bool has_results = false;
  for (std::size_t i = 0; i < content.elements().size(); ++i) {
    const Json& block = content.elements()[i];
    const std::string inner = place(place(where, "content"), i);
    const bool is_result = type_of(block) == "tool_result";
    has_results = has_results || is_result;
    Status added = is_result ? add_tool_result(block, inner, from_results)
                             : append_chat_parts(block, inner, notes_, said);
    if (!added) return added;
  }
  Json parts = std::move(from_results);
  for (const Json& part : said.elements()) parts.push(part);
  if (parts.elements().empty() && has_results) return {};
  messages_.push(message_of("user", chat_content_of(std::move(parts), "\n")));
  return {};
}

Status ChatMessages::add_tool_result(const Json& block, const std::string& where,
                                     Json& user_parts) {
  Status checked = check_fields(block, kToolResultFields, where, notes_);
  if (!checked) return checked;
  const std::string id(block.at("tool_use_id").text());
  const Json& content = block.at("content");
  std::string text(content.text());
  bool has_text = content.is_string();
  bool moved = false;
  for (std::size_t i = 0; i < content.elements().size(); ++i) {
    Json parts = Json::array();
    Status added =
        append_chat_parts(content.elements()[i], place(place(where, "content"), i), notes_, parts);
    if (!added) return added;
    for (const Json& part : parts.elements()) {
      if (is_chat_text(part)) {
        text += (std::exchange(has_text, true) ? "\n" : "") + std::string(part.at("text").text());
        continue;
      }
      if (!std::exchange(moved, true)) {
        user_parts.push(chat_text_part("Attached to the result of tool call " + id + ":"));
      }
      user_parts.push(part);
    }
  }
  if (moved) {
    notes_.add("tool_result: images and files moved into the user message behind it");
    if (!has_text) text = "The result is attached to the next user message.";
  }
  if (block.at("is_error").boolean().value_or(false)) text.insert(0, kToolErrorMark);
  messages_.push(
      Json::object({{"role", "tool"}, {"tool_call_id", id}, {"content", std::move(text)}}));
  return {};
}

Status ChatMessages::add_tool_call(const Json& block, const std::string& where, Json& calls) {
  Status checked = check_fields(block, kToolUseFields, where, notes_);
  if (!checked) return checked;
  const std::string_view caller = block.at("caller").at("type").text();
  if (!block.at("caller").is_null() && caller != "direct") {
    return refused(place(where, "caller"), "calls made by the other provider's tools");
  }
  const Json& input = block.at("input");
  if (!input.is_object()) return refused(place(where, "input"), "expected an object");
  calls.push(Json::object(
      {{"id", block.at("id")},
       {"type", "function"},
       {"function", Json::object({{"name", block.at("name")}, {"arguments", dump_json(input)}})}}));
  return {};
}

Status ChatMessages::add_assistant(const Json& content, const std::string& where) {
  std::string text;
  std::string reasoning;
  Json details = Json::array();
  bool any_signed = false;
  Json calls = Json::array();
  std::string_view before;
  for (std::size_t i = 0; i < content.elements().size(); ++i) {
    const Json& block = content.elements()[i];
    const std::string inner = place(place(where, "content"), i);
    const std::string_view type = type_of(block);
    Status added;
    if (type == "text") {
      Json parts = Json::array();
      added = append_chat_parts(block, inner, notes_, parts);
      // Neighbours are pieces of one text (an answer with citations comes that way).
      if (!text.empty() && before != "text") text += "\n\n";
      text += block.at("text").text();
    } else if (type == "tool_use") {
      added = add_tool_call(block, inner, calls);
    } else if (type == "thinking") {
      added = check_fields(block, kThinkingFields, inner, notes_);
      reasoning += (reasoning.empty() ? "" : "\n\n") + std::string(block.at("thinking").text());
      details.push(reasoning_detail(block, details.elements().size()));
      any_signed = any_signed || !block.at("signature").text().empty();
    } else if (type == "redacted_thinking") {
      details.push(reasoning_detail(block, details.elements().size()));
      any_signed = true;
    } else {
      added =
          refused(inner, "a content block of this type cannot be expressed in an assistant turn");
    }
    if (!added) return added;
    before = type;
  }
  Json message = message_of("assistant", Json(std::move(text)));
  if (!calls.elements().empty()) {
    if (message.at("content").text().empty()) message.set("content", nullptr);
    message.set("tool_calls", std::move(calls));
  }
  if (!reasoning.empty()) message.set("reasoning_content", std::move(reasoning));
  if (any_signed) message.set("reasoning_details", std::move(details));
  messages_.push(std::move(message));
  return {};
}

}  // namespace albicilla
