#include "converter/reading/answer_slices.h"

#include <algorithm>
#include <array>

namespace albicilla {

namespace {

struct TopLevel {
  std::string_view id, type, object, status, model, usage, choices, content, output, error,
      stop_reason, incomplete;
};

bool is_word(std::string_view raw, std::string_view word) {
  return raw.size() == word.size() + 2 && raw.front() == '"' && raw.substr(1, word.size()) == word;
}

bool is_set(std::string_view raw) { return !raw.empty() && raw != "null"; }

constexpr std::array<std::string_view, 5> kCut = {
    "length", "max_tokens", "model_context_window_exceeded", "max_output_tokens", "model_length"};
constexpr std::array<std::string_view, 3> kFiltered = {"content_filter", "refusal", "safety"};

Outcome outcome_of(std::string_view reason) {
  if (is_word(reason, "stop") || is_word(reason, "tool_calls")) return Outcome::whole;
  for (const std::string_view word : kCut) {
    if (is_word(reason, word)) return Outcome::cut;
  }
  for (const std::string_view word : kFiltered) {
    if (is_word(reason, word)) return Outcome::filtered;
  }
  return is_word(reason, "error") ? Outcome::failed : Outcome::whole;
}

// choices[] of chat completions and of the legacy ones.
void take_choices(Api api, const AnswerMembers& response, AnswerSlices& answer) {
  const std::string_view message = api == Api::chat ? "message" : "text";
  for (const AnswerMembers::Choice& members : response.choices) {
    Choice choice;
    choice.shape = api == Api::chat ? Shape::chat_message : Shape::assistant_text;
    choice.first = answer.messages.size();
    for (std::size_t i = members.first; i < members.last; ++i) {
      const AnswerMember& member = response.choice_members[i];
      if (member.name.is(message) && is_set(member.value)) answer.messages.push_back(member.value);
      if (member.name.is("finish_reason")) choice.outcome = outcome_of(member.value);
    }
    choice.last = answer.messages.size();
    if (choice.first == choice.last) choice.outcome = Outcome::failed;
    answer.choices.push_back(choice);
  }
}

// The view of a TopLevel that a member belongs to; null for all others.
std::string_view TopLevel::*place_of(const RawString& name) {
  if (name.is("id")) return &TopLevel::id;
  if (name.is("type")) return &TopLevel::type;
  if (name.is("model")) return &TopLevel::model;
  if (name.is("error")) return &TopLevel::error;
  if (name.is("usage")) return &TopLevel::usage;
  if (name.is("object")) return &TopLevel::object;
  if (name.is("status")) return &TopLevel::status;
  if (name.is("output")) return &TopLevel::output;
  if (name.is("choices")) return &TopLevel::choices;
  if (name.is("content")) return &TopLevel::content;
  if (name.is("stop_reason")) return &TopLevel::stop_reason;
  if (name.is("incomplete_details")) return &TopLevel::incomplete;
  return nullptr;
}

TopLevel top_level(const AnswerMembers& response) {
  TopLevel top;
  for (const AnswerMember& member : response.members) {
    const auto place = place_of(member.name);
    if (place == &TopLevel::id && !member.value.starts_with('"')) continue;
    if (place != nullptr) top.*place = member.value;
  }
  return top;
}

void slice_anthropic(const TopLevel& top, AnswerSlices& answer) {
  Choice choice;
  choice.shape = Shape::assistant_text;
  choice.outcome = is_set(top.stop_reason) ? outcome_of(top.stop_reason) : Outcome::cut;
  if (top.content.starts_with('[')) answer.messages.push_back(top.content);
  choice.last = answer.messages.size();
  if (choice.last == 0 || !is_word(top.type, "message")) choice.outcome = Outcome::failed;
  answer.choices.push_back(choice);
}

void slice_responses(const TopLevel& top, const KnownText& known, AnswerSlices& answer) {
  Choice choice;
  choice.shape = Shape::responses_item;
  JsonCursor cursor(top.output, known);
  if (cursor.kind() == JsonKind::array && cursor.begin_array()) {
    std::string_view raw;
    while (cursor.next_element() && cursor.skip(raw)) answer.messages.push_back(raw);
  }
  choice.last = answer.messages.size();
  if (is_word(top.status, "incomplete")) {
    const bool filtered = top.incomplete.find("content_filter") != std::string_view::npos;
    choice.outcome = filtered ? Outcome::filtered : Outcome::cut;
  } else if ((is_set(top.status) && !is_word(top.status, "completed")) || choice.last == 0) {
    choice.outcome = Outcome::failed;
  }
  answer.choices.push_back(choice);
}

// A path that only counts, or sends many requests at once.
bool is_beside_conversations(std::string_view path) {
  for (std::size_t at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
    const std::string_view rest = path.substr(at + 1);
    if (rest.starts_with("count_tokens") || rest.starts_with("batches") ||
        rest.starts_with("input_tokens")) {
      return true;
    }
  }
  return false;
}

Api api_by_bodies(std::string_view path, const RequestSlices& request,
                  const AnswerMembers& response) {
  const TopLevel top = top_level(response);
  if (request.list_name == "messages") {
    const bool anthropic = is_word(top.type, "message") || path.find("/messages") != path.npos ||
                           !request.field("anthropic_version").empty();
    return anthropic ? Api::anthropic : Api::chat;
  }
  if (request.list_name == "input" || !request.field("input").empty()) {
    const bool responses =
        is_word(top.object, "response") || (top.object.empty() && path.ends_with("/responses"));
    return responses ? Api::responses : Api::none;
  }
  const bool completes = request.field("prompt").starts_with('"') && top.choices.starts_with('[');
  return completes ? Api::completions : Api::none;
}

}  // namespace

std::string_view to_string(Api api) {
  switch (api) {
    case Api::chat:
      return "chat";
    case Api::completions:
      return "completions";
    case Api::anthropic:
      return "anthropic";
    case Api::responses:
      return "responses";
    case Api::none:
      break;
  }
  return "none";
}

Api api_of(std::string_view dialect, std::string_view path, const RequestSlices& request,
           const AnswerMembers& response) {
  if (is_beside_conversations(path)) return Api::none;
  const bool has_messages = request.list_name == "messages";
  if (dialect == "openai_chat" && has_messages) return Api::chat;
  if (dialect == "anthropic_messages") return has_messages ? Api::anthropic : Api::none;
  if (dialect == "openai_responses") {
    const bool has_input = request.list_name == "input" || !request.field("input").empty();
    return has_input ? Api::responses : Api::none;
  }
  if (dialect == "openai_embeddings") return Api::none;
  return api_by_bodies(path, request, response);
}

void AnswerSlices::clear() {
  choices.clear();
  messages.clear();
  id = model = usage = {};
  failed = false;
}

void slice_answer(Api api, const AnswerMembers& response, const KnownText& known,
                  AnswerSlices& answer) {
  answer.clear();
  const TopLevel top = top_level(response);
  if (!top.id.empty()) answer.id = top.id.substr(1, top.id.size() - 2);
  answer.model = top.model;
  answer.usage = top.usage;
  answer.failed = is_set(top.error) || is_word(top.type, "error");
  if (answer.failed || response.text.empty()) return;
  if (api == Api::chat || api == Api::completions) take_choices(api, response, answer);
  if (api == Api::anthropic) slice_anthropic(top, answer);
  if (api == Api::responses) slice_responses(top, known, answer);
}

}  // namespace albicilla
