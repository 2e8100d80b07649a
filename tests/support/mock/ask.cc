#include "tests/support/mock/ask.h"

#include <simdjson.h>

#include <utility>

#include "tests/support/mock/body_decoding.h"
#include "tests/support/mock/conversation.h"

namespace albicilla::mock {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMostThreads = 100'000;

std::string text_of(const dom::element& object, std::string_view field) {
  std::string_view text;
  if (object[field].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

bool truth_of(const dom::element& object, std::string_view field) {
  bool truth = false;
  return object[field].get(truth) == simdjson::SUCCESS && truth;
}

void read_tools(const dom::element& body, bool keep_text, Ask& ask) {
  dom::array tools;
  if (body["tools"].get(tools) != simdjson::SUCCESS) return;
  if (keep_text) ask.tools_json = simdjson::minify(tools);
  for (const dom::element tool : tools) {
    dom::element function;
    const bool nested = tool["function"].get(function) == simdjson::SUCCESS;
    std::string name = text_of(nested ? function : tool, "name");
    if (!name.empty()) ask.tool_names.push_back(std::move(name));
  }
}

void read_fields(const Threads& threads, Ask& ask) {
  thread_local dom::parser parser;  // keeps its buffers from request to request
  dom::element body;
  if (parser.parse(ask.body.data(), ask.body.size()).get(body) != simdjson::SUCCESS ||
      !body.is_object()) {
    return;
  }
  ask.readable = true;
  ask.model = text_of(body, "model");
  ask.stream = truth_of(body, "stream");
  dom::element options;
  if (body["stream_options"].get(options) == simdjson::SUCCESS && options.is_object()) {
    ask.include_usage = truth_of(options, "include_usage");
  }
  dom::element thinking;
  if (body["thinking"].get(thinking) == simdjson::SUCCESS && thinking.is_object()) {
    const std::string type = text_of(thinking, "type");
    ask.thinking = type == "enabled" || type == "adaptive";
  }
  ask.previous_id = text_of(body, "previous_response_id");
  dom::element thread;
  if (body["thread"].get(thread) == simdjson::SUCCESS && thread.is_object()) {
    ask.previous_id = text_of(thread, "previous_message_id");
  }
  if (const ScriptState* state = threads.find(ask.previous_id)) {
    ask.script = *state;
    ask.tool_names = state->tool_names;
  }
  read_tools(body, !ask.previous_id.empty() || body["input"].error() == simdjson::SUCCESS, ask);
  read_conversation(body, ask);
}

bool is_json(const Request& request) {
  const auto type = request.head->find("content-type");
  return type && type->starts_with("application/json") && !request.body.empty();
}

void take_body(const Request& request, Ask& ask) {
  ask.body = request.body;
  const auto encoding = request.head->find("content-encoding");
  if (!encoding) return;
  auto decoded = decode_body(*encoding, request.body);
  if (!decoded) return;
  ask.decoded_body = std::move(*decoded);
  ask.body = ask.decoded_body;
}

}  // namespace

void Threads::remember(const std::string& answer_id, const ScriptState& state) {
  if (states_.size() >= kMostThreads) states_.clear();
  states_[answer_id] = state;
}

const ScriptState* Threads::find(const std::string& answer_id) const {
  const auto it = states_.find(answer_id);
  return it == states_.end() ? nullptr : &it->second;
}

void read_json_ask(std::string_view json, const Threads& threads, Ask& ask) {
  ask.body = json;
  read_fields(threads, ask);
  ask.directives.add_model(ask.model);
  const std::string unknown = ask.directives.add_text(json);
  if (!unknown.empty()) ask.fault = "x-mock does not know '" + unknown + "'";
  if (ask.thinking) ask.directives.reasoning = true;
}

void read_ask(const Request& request, const Threads& threads, Ask& ask) {
  if (const auto marker = request.head->find("x-mock-marker"); marker && is_marker(*marker)) {
    ask.directives.marker = *marker;
  }
  std::string unknown;
  if (const auto words = request.head->find("x-mock")) unknown = ask.directives.add(*words);
  take_body(request, ask);
  if (is_json(request)) read_json_ask(ask.body, threads, ask);
  if (const auto until = ask.directives.until_attempt) {
    const auto count = request.head->find("x-stainless-retry-count").value_or("0");
    if (support::parse_number(count).value_or(0) >= *until) ask.directives.status = 200;
  }
  if (!unknown.empty()) ask.fault = "x-mock does not know '" + unknown + "'";
}

}  // namespace albicilla::mock
