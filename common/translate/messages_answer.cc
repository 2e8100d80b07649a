#include "common/translate/messages_answer.h"

#include <utility>

#include "common/translate/answer_words.h"

namespace albicilla {

namespace {

Json text_block(std::string_view text) { return Json::object({{"type", "text"}, {"text", text}}); }

Json thinking_block(std::string_view text, std::string_view signature) {
  return Json::object({{"type", "thinking"}, {"thinking", text}, {"signature", signature}});
}

// Content is a string, or with some vendors an array of parts.
std::string text_of(const Json& content) {
  std::string text(content.text());
  for (const Json& part : content.elements()) text += part.at("text").text();
  return text;
}

// `made_up` names calls that have no id of their own.
void add_tool_uses(const Json& message, const std::string& made_up, Json& content) {
  std::size_t number = 0;
  for (const Json& call : message.at("tool_calls").elements()) {
    const Json& function = call.at("function");
    const std::string_view id = call.at("id").text();
    content.push(
        Json::object({{"type", "tool_use"},
                      {"id", id.empty() ? made_up + std::to_string(number) : std::string(id)},
                      {"name", function.at("name").text()},
                      {"input", tool_input_of(function.at("arguments").text())}}));
    ++number;
  }
  const Json& legacy = message.at("function_call");
  if (legacy.is_object()) {
    content.push(Json::object({{"type", "tool_use"},
                               {"id", made_up + std::to_string(number)},
                               {"name", legacy.at("name").text()},
                               {"input", tool_input_of(legacy.at("arguments").text())}}));
  }
}

}  // namespace

Json reasoning_blocks_of(const Json& message) {
  Json blocks = Json::array();
  for (const Json& detail : message.at("reasoning_details").elements()) {
    if (detail.at("type").text() == "reasoning.encrypted") {
      blocks.push(
          Json::object({{"type", "redacted_thinking"}, {"data", detail.at("data").text()}}));
      continue;
    }
    blocks.push(thinking_block(
        std::string(detail.at("text").text()) + std::string(detail.at("summary").text()),
        detail.at("signature").text()));
  }
  if (!blocks.elements().empty()) return blocks;
  for (const char* name : {"reasoning_content", "reasoning"}) {
    const std::string_view text = message.at(name).text();
    if (!text.empty()) return Json::array({thinking_block(text, "")});
  }
  return blocks;
}

Json tool_input_of(std::string_view arguments) {
  if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json::object();
  Result<Json> parsed = parse_json(arguments);
  if (parsed && parsed->is_object()) return *std::move(parsed);
  return Json::object({{"_raw_arguments", arguments}});
}

std::optional<Json> message_of_completion(const Json& completion, const AnswerTerms& terms) {
  const Json::Array& choices = completion.at("choices").elements();
  if (choices.empty() || !choices.front().at("message").is_object()) return std::nullopt;
  const Json& choice = choices.front();
  const Json& said = choice.at("message");
  Json content = Json::array();
  const Json reasoning = reasoning_blocks_of(said);
  for (const Json& block : reasoning.elements()) content.push(block);
  if (const std::string text = text_of(said.at("content")); !text.empty()) {
    content.push(text_block(text));
  }
  const std::string_view refusal = said.at("refusal").text();
  if (!refusal.empty()) content.push(text_block(refusal));
  const std::size_t before = content.elements().size();
  const std::string id = anthropic_message_id(completion.at("id").text(), terms.fallback_id);
  add_tool_uses(said, "call_" + id + "_", content);
  const bool calls = content.elements().size() > before;

  std::string_view reason = anthropic_stop_reason(choice.at("finish_reason").text());
  if (calls && reason == "end_turn") reason = "tool_use";  // some vendors say "stop"
  if (!refusal.empty()) reason = "refusal";
  // vLLM and its kin name the sequence that they stopped at.
  const Json& matched = choice.at("stop_reason");
  const bool at_sequence = matched.is_string() && reason == "end_turn";
  const std::string_view model = completion.at("model").text();
  return Json::object({{"id", id},
                       {"type", "message"},
                       {"role", "assistant"},
                       {"model", model.empty() ? std::string_view(terms.model) : model},
                       {"content", std::move(content)},
                       {"stop_reason", at_sequence ? std::string_view("stop_sequence") : reason},
                       {"stop_sequence", at_sequence ? matched : Json()},
                       {"usage", anthropic_usage(completion.at("usage"))}});
}

}  // namespace albicilla
