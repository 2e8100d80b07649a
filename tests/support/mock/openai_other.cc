#include "tests/support/mock/openai_other.h"

#include <array>

#include "tests/support/json_text.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;

constexpr std::array<std::string_view, 4> kModels = {"gpt-4o-mini", "gpt-4o", "mock-tools",
                                                     "mock-slow"};

std::string model_json(std::string_view id) {
  std::string json = "{\"id\":";
  append_json_string(json, id);
  json += ",\"object\":\"model\",\"created\":1721172741,\"owned_by\":\"mock\"}";
  return json;
}

std::string_view error_type(unsigned status) {
  if (status == 401) return "authentication_error";
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

}  // namespace

Answer embeddings_answer(const Request& request, const Ask& ask) {
  std::string json =
      "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":";
  json += "[0.0023064255,-0.009327292,-0.0028842222]}],\"model\":";
  append_json_string(json, ask.model);
  const std::string tokens = std::to_string(request.body.size() / 4);
  json += ",\"usage\":{\"prompt_tokens\":" + tokens + ",\"total_tokens\":" + tokens + "}}";
  return whole_answer(200, "application/json", std::move(json));
}

Answer models_answer(std::string_view path) {
  if (path != "/models") {
    return whole_answer(200, "application/json", model_json(path.substr(sizeof("/models/") - 1)));
  }
  std::string json = "{\"object\":\"list\",\"data\":[";
  for (const std::string_view id : kModels) {
    if (json.back() != '[') json += ',';
    json += model_json(id);
  }
  return whole_answer(200, "application/json", json + "]}");
}

Answer openai_error(unsigned status, std::string_view message) {
  std::string json = "{\n  \"error\": {\n    \"message\": ";
  append_json_string(json, message);
  json += ",\n    \"type\": ";
  append_json_string(json, error_type(status));
  json += ",\n    \"param\": null,\n    \"code\": ";
  json += status == 429 ? "\"rate_limit_exceeded\"" : "null";
  return whole_answer(status, "application/json", json + "\n  }\n}\n");
}

}  // namespace albicilla::mock
