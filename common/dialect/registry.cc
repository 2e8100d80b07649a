#include "common/dialect/registry.h"

#include <array>

#include "common/dialect/anthropic_messages.h"
#include "common/dialect/body_shape.h"
#include "common/dialect/openai_chat.h"
#include "common/dialect/openai_completions.h"
#include "common/dialect/openai_responses.h"
#include "common/dialect/response_facts.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

using MakeAssembler = std::unique_ptr<StreamAssembler> (*)();

std::unique_ptr<StreamAssembler> no_assembler() { return nullptr; }

// The value of a leading "type" member: `{"type":"message_stop",...` gives message_stop.
std::string_view leading_type(std::string_view data) {
  JsonMember member;
  if (!JsonMembers(data).next(member) || member.key != "type") return {};
  return json_inside(member.value);
}

bool is_terminal_type(std::string_view type) {
  constexpr std::array<std::string_view, 5> kTerminal = {
      "message_stop", "response.completed", "response.failed", "response.incomplete", "error"};
  for (const std::string_view terminal : kTerminal) {
    if (type == terminal) return true;
  }
  return false;
}

// A dialect as data: all that differs between them fits into a line of the array below. One rule
// finds the end of every stream, because some clients post one API's JSON to another's path.
class TableDialect final : public Dialect {
 public:
  constexpr TableDialect(std::string_view name, ErrorShape shape, bool generates,
                         MakeAssembler make)
      : name_(name), shape_(shape), generates_(generates), make_(make) {}

  std::string_view name() const override { return name_; }
  ErrorShape error_shape() const override { return shape_; }
  bool generates() const override { return generates_; }

  bool is_terminal(const SseEvent& event) const override {
    const std::string_view data = event.data;
    if (event.name != "message") return is_terminal_type(event.name);
    if (data.starts_with('[')) return data == "[DONE]";
    return data.starts_with("{\"error\"") || is_terminal_type(leading_type(data));
  }

  std::unique_ptr<StreamAssembler> assembler() const override { return make_(); }
  ResponseFacts response_facts(std::string_view json) const override {
    return facts_of_response(json);
  }

 private:
  std::string_view name_;
  ErrorShape shape_;
  bool generates_;
  MakeAssembler make_;
};

constexpr bool kGenerates = true;
constexpr bool kOnlyAnswers = false;

const TableDialect kOpenaiChat("openai_chat", ErrorShape::openai, kGenerates,
                               make_openai_chat_assembler);
const TableDialect kOpenaiResponses("openai_responses", ErrorShape::openai, kGenerates,
                                    make_openai_responses_assembler);
const TableDialect kOpenaiCompletions("openai_completions", ErrorShape::openai, kGenerates,
                                      make_openai_completions_assembler);
const TableDialect kOpenaiEmbeddings("openai_embeddings", ErrorShape::openai, kOnlyAnswers,
                                     no_assembler);
const TableDialect kAnthropicMessages("anthropic_messages", ErrorShape::anthropic, kGenerates,
                                      make_anthropic_messages_assembler);
const TableDialect kPassthrough("passthrough", ErrorShape::openai, kOnlyAnswers, no_assembler);
// Anthropic's endpoints that generate nothing: their clients expect Anthropic's error shape.
const TableDialect kAnthropicPassthrough("passthrough", ErrorShape::anthropic, kOnlyAnswers,
                                         no_assembler);

const std::array<const Dialect*, 6> kByName = {&kOpenaiChat,        &kOpenaiResponses,
                                               &kOpenaiCompletions, &kOpenaiEmbeddings,
                                               &kAnthropicMessages, &kPassthrough};

// POST only. Paths end like this under whatever base path a gateway puts them; the first that fits.
struct PathRule {
  std::string_view ending;
  const Dialect* dialect;
};
const std::array kPathRules = {
    PathRule{"/chat/completions", &kOpenaiChat},  // before "/completions", which it ends in
    PathRule{"/completions", &kOpenaiCompletions},
    PathRule{"/responses", &kOpenaiResponses},
    PathRule{"/embeddings", &kOpenaiEmbeddings},
    PathRule{"/messages", &kAnthropicMessages},
    PathRule{"/messages/count_tokens", &kAnthropicPassthrough},
    PathRule{"/messages/batches", &kAnthropicPassthrough},
};
// Paths of OpenAI's Assistants end like Anthropic's.
constexpr std::string_view kThreads = "/threads/";

// What a typed event or a chunk says of itself, by the beginning of its type or by its object.
struct EventRule {
  std::string_view word;
  const Dialect* dialect;
};
const std::array kEventTypes = {
    EventRule{"message_start", &kAnthropicMessages},
    EventRule{"content_block_", &kAnthropicMessages},
    EventRule{"response.", &kOpenaiResponses},
};
const std::array kEventObjects = {
    EventRule{"chat.completion.chunk", &kOpenaiChat},
    EventRule{"text_completion", &kOpenaiCompletions},
};

}  // namespace

const Dialect& dialect_of_path(std::string_view method, std::string_view path) {
  if (method != "POST" || path.find(kThreads) != std::string_view::npos) return kPassthrough;
  if (path.ends_with('/')) path.remove_suffix(1);
  for (const PathRule& rule : kPathRules) {
    if (path.ends_with(rule.ending)) return *rule.dialect;
  }
  return kPassthrough;
}

const Dialect& dialect_of_body(const Dialect& by_path, std::string_view body) {
  if (!by_path.generates()) return by_path;
  const BodyShape shape = shape_of_body(body);
  if (shape.responses_words && !shape.messages) return kOpenaiResponses;
  if (!shape.messages) return by_path;
  if (shape.anthropic_words) return kAnthropicMessages;
  const bool is_chat = &by_path == &kOpenaiChat || &by_path == &kAnthropicMessages;
  return is_chat ? by_path : kOpenaiChat;
}

const Dialect& dialect_of_event(const Dialect& by_request, const SseEvent& event) {
  const std::string_view data = event.data;
  std::string_view type = json_inside(json_first_member(data, "type"));
  if (type.empty()) type = event.name;
  for (const EventRule& rule : kEventTypes) {
    if (type.starts_with(rule.word)) return *rule.dialect;
  }
  const std::string_view object = json_inside(json_first_member(data, "object"));
  for (const EventRule& rule : kEventObjects) {
    if (object == rule.word) return *rule.dialect;
  }
  return by_request;
}

const Dialect& dialect_named(std::string_view name) {
  for (const Dialect* dialect : kByName) {
    if (dialect->name() == name) return *dialect;
  }
  return kPassthrough;
}

}  // namespace albicilla
