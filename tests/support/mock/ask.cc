#include "tests/support/mock/ask.h"

#include <simdjson.h>

#include <utility>

namespace albicilla::mock {
namespace {

namespace dom = simdjson::dom;

std::string text_of(const dom::element& object, std::string_view field) {
  std::string_view text;
  if (object[field].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

bool truth_of(const dom::element& object, std::string_view field) {
  bool truth = false;
  return object[field].get(truth) == simdjson::SUCCESS && truth;
}

void read_tools(const dom::element& body, Ask& ask) {
  dom::array tools;
  if (body["tools"].get(tools) != simdjson::SUCCESS) return;
  for (const dom::element tool : tools) {
    dom::element function;
    const bool nested = tool["function"].get(function) == simdjson::SUCCESS;
    std::string name = text_of(nested ? function : tool, "name");
    if (!name.empty()) ask.tool_names.push_back(std::move(name));
  }
}

void read_fields(dom::parser& parser, std::string_view bytes, Ask& ask) {
  dom::element body;
  if (parser.parse(bytes.data(), bytes.size()).get(body) != simdjson::SUCCESS ||
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
  read_tools(body, ask);
}

bool is_json(const Request& request) {
  const auto type = request.head->find("content-type");
  return type && type->starts_with("application/json") && !request.body.empty();
}

}  // namespace

Ask read_ask(const Request& request) {
  thread_local dom::parser parser;  // keeps its buffers from request to request
  Ask ask;
  if (const auto marker = request.head->find("x-mock-marker"); marker && is_marker(*marker)) {
    ask.directives.marker = *marker;
  }
  const bool json = is_json(request);
  if (json) {
    read_fields(parser, request.body, ask);
    ask.directives.add_model(ask.model);
  }
  std::string unknown;
  if (const auto words = request.head->find("x-mock")) unknown = ask.directives.add(*words);
  if (json) {
    const std::string in_text = ask.directives.add_text(request.body);
    if (unknown.empty()) unknown = in_text;
  }
  if (const auto until = ask.directives.until_attempt) {
    const auto count = request.head->find("x-stainless-retry-count").value_or("0");
    if (support::parse_number(count).value_or(0) >= *until) ask.directives.status = 200;
  }
  if (!unknown.empty()) ask.fault = "x-mock does not know '" + unknown + "'";
  return ask;
}

}  // namespace albicilla::mock
