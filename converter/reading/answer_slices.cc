#include "converter/reading/answer_slices.h"

#include <algorithm>

namespace albicilla {

namespace {

struct TopLevel {
  std::string_view type, object, status, choices, content, output, error, stop_reason, incomplete;
};

bool is_word(std::string_view raw, std::string_view word) {
  return raw.size() == word.size() + 2 && raw.front() == '"' && raw.substr(1, word.size()) == word;
}

bool is_set(std::string_view raw) { return !raw.empty() && raw != "null"; }

Outcome outcome_of(std::string_view reason) {
  for (const std::string_view word : {"length", "max_tokens", "model_context_window_exceeded",
                                      "max_output_tokens", "model_length"}) {
    if (is_word(reason, word)) return Outcome::cut;
  }
  for (const std::string_view word : {"content_filter", "refusal", "safety"}) {
    if (is_word(reason, word)) return Outcome::filtered;
  }
  return is_word(reason, "error") ? Outcome::failed : Outcome::whole;
}

// choices[] of chat completions and of the legacy ones.
void slice_choices(Api api, JsonCursor& cursor, AnswerSlices& answer) {
  answer.choices.clear();  // of equal members the last counts
  if (cursor.kind() != JsonKind::array) {
    cursor.skip();
    return;
  }
  cursor.begin_array();
  while (cursor.next_element()) {
    if (cursor.kind() != JsonKind::object) {
      if (!cursor.skip()) return;
      continue;
    }
    Choice choice;
    choice.shape = api == Api::chat ? Shape::chat_message : Shape::assistant_text;
    RawString key;
    cursor.begin_object();
    while (cursor.next_member(key)) {
      const bool is_message = key.is(api == Api::chat ? "message" : "text");
      std::string_view raw;
      if (!cursor.skip(raw)) return;
      if (is_message && is_set(raw)) choice.messages.push_back(raw);
      if (key.is("finish_reason")) choice.outcome = outcome_of(raw);
    }
    if (choice.messages.empty()) choice.outcome = Outcome::failed;
    answer.choices.push_back(std::move(choice));
  }
}

// With the choices that answers of chat completions and of the legacy ones have.
TopLevel top_level(Api api, std::string_view response, const KnownText& known,
                   AnswerSlices& answer) {
  const bool has_choices = api == Api::chat || api == Api::completions;
  TopLevel top;
  JsonCursor cursor(response, known);
  RawString key;
  if (cursor.kind() != JsonKind::object || !cursor.begin_object()) return top;
  while (cursor.next_member(key)) {
    std::string_view raw;
    if (key.is("id") && cursor.kind() == JsonKind::string) {
      cursor.string(answer.id);
      continue;
    }
    if (has_choices && key.is("choices")) {
      slice_choices(api, cursor, answer);
      continue;
    }
    if (!cursor.skip(raw)) break;
    if (key.is("type")) top.type = raw;
    if (key.is("object")) top.object = raw;
    if (key.is("status")) top.status = raw;
    if (key.is("choices")) top.choices = raw;
    if (key.is("content")) top.content = raw;
    if (key.is("output")) top.output = raw;
    if (key.is("error")) top.error = raw;
    if (key.is("stop_reason")) top.stop_reason = raw;
    if (key.is("incomplete_details")) top.incomplete = raw;
    if (key.is("model")) answer.model = raw;
    if (key.is("usage")) answer.usage = raw;
  }
  return top;
}

void slice_anthropic(const TopLevel& top, AnswerSlices& answer) {
  Choice choice;
  choice.shape = Shape::assistant_text;
  choice.outcome = is_set(top.stop_reason) ? outcome_of(top.stop_reason) : Outcome::cut;
  if (top.content.starts_with('[')) choice.messages.push_back(top.content);
  if (choice.messages.empty() || !is_word(top.type, "message")) choice.outcome = Outcome::failed;
  answer.choices.push_back(std::move(choice));
}

void slice_responses(const TopLevel& top, const KnownText& known, AnswerSlices& answer) {
  Choice choice;
  choice.shape = Shape::responses_item;
  JsonCursor cursor(top.output, known);
  if (cursor.kind() == JsonKind::array && cursor.begin_array()) {
    std::string_view raw;
    while (cursor.next_element() && cursor.skip(raw)) choice.messages.push_back(raw);
  }
  if (is_word(top.status, "incomplete")) {
    const bool filtered = top.incomplete.find("content_filter") != std::string_view::npos;
    choice.outcome = filtered ? Outcome::filtered : Outcome::cut;
  } else if ((is_set(top.status) && !is_word(top.status, "completed")) || choice.messages.empty()) {
    choice.outcome = Outcome::failed;
  }
  answer.choices.push_back(std::move(choice));
}

Api api_by_bodies(std::string_view path, const RequestSlices& request, std::string_view response,
                  const KnownText& known) {
  AnswerSlices ignored;
  const TopLevel top = top_level(Api::none, response, known, ignored);
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
           std::string_view response, const KnownText& known) {
  for (const std::string_view other : {"/count_tokens", "/batches", "/input_tokens"}) {
    if (path.find(other) != path.npos) return Api::none;
  }
  const bool has_messages = request.list_name == "messages";
  if (dialect == "openai_chat" && has_messages) return Api::chat;
  if (dialect == "anthropic_messages") return has_messages ? Api::anthropic : Api::none;
  if (dialect == "openai_responses") {
    const bool has_input = request.list_name == "input" || !request.field("input").empty();
    return has_input ? Api::responses : Api::none;
  }
  if (dialect == "openai_embeddings") return Api::none;
  return api_by_bodies(path, request, response, known);
}

AnswerSlices slice_answer(Api api, std::string_view response, const KnownText& known) {
  AnswerSlices answer;
  const TopLevel top = top_level(api, response, known, answer);
  answer.failed = is_set(top.error) || is_word(top.type, "error");
  if (answer.failed) answer.choices.clear();
  if (answer.failed || response.empty()) return answer;
  if (api == Api::anthropic) slice_anthropic(top, answer);
  if (api == Api::responses) slice_responses(top, known, answer);
  return answer;
}

}  // namespace albicilla
