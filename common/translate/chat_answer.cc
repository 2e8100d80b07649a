#include "common/translate/chat_answer.h"

#include <string>
#include <utility>

#include "common/translate/answer_words.h"

namespace albicilla {

namespace {

// What the blocks of an answer add up to.
struct Said {
  std::string text;
  std::string reasoning;
  Json details = Json::array();
  Json calls = Json::array();
};

void add_block(const Json& block, Said& said) {
  const std::string_view type = block.at("type").text();
  if (type == "text") {
    said.text += block.at("text").text();
  } else if (type == "thinking") {
    said.reasoning += block.at("thinking").text();
    said.details.push(reasoning_detail(block, said.details.elements().size()));
  } else if (type == "redacted_thinking") {
    said.details.push(reasoning_detail(block, said.details.elements().size()));
  } else if (type == "tool_use") {
    said.calls.push(
        Json::object({{"id", block.at("id").text()},
                      {"type", "function"},
                      {"function", Json::object({{"name", block.at("name").text()},
                                                 {"arguments", dump_json(block.at("input"))}})}}));
  }
}

}  // namespace

Json reasoning_detail(const Json& block, std::size_t index) {
  if (block.at("type").text() == "redacted_thinking") {
    return Json::object(
        {{"type", "reasoning.encrypted"}, {"data", block.at("data").text()}, {"index", index}});
  }
  return Json::object({{"type", "reasoning.text"},
                       {"text", block.at("thinking").text()},
                       {"signature", block.at("signature").text()},
                       {"index", index}});
}

std::optional<Json> completion_of_message(const Json& message, const AnswerTerms& terms) {
  if (!message.at("content").is_array() || message.at("role").text() != "assistant") {
    return std::nullopt;
  }
  Said said;
  for (const Json& block : message.at("content").elements()) add_block(block, said);
  const bool has_calls = !said.calls.elements().empty();
  Json out = Json::object({{"role", "assistant"},
                           {"content", said.text.empty() && has_calls ? Json() : Json(said.text)},
                           {"refusal", nullptr}});
  if (!said.reasoning.empty()) out.set("reasoning_content", std::move(said.reasoning));
  if (!said.details.elements().empty()) out.set("reasoning_details", std::move(said.details));
  if (has_calls) out.set("tool_calls", std::move(said.calls));
  const std::string_view model = message.at("model").text();
  Json choice =
      Json::object({{"index", 0},
                    {"message", std::move(out)},
                    {"logprobs", nullptr},
                    {"finish_reason", openai_finish_reason(message.at("stop_reason").text())}});
  return Json::object({{"id", openai_completion_id(message.at("id").text(), terms.fallback_id)},
                       {"object", "chat.completion"},
                       {"created", terms.created},
                       {"model", model.empty() ? std::string_view(terms.model) : model},
                       {"choices", Json::array({std::move(choice)})},
                       {"usage", openai_usage(message.at("usage"))}});
}

}  // namespace albicilla
