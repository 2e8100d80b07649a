#include "tests/support/mock/openai_other.h"

#include <array>

#include "tests/support/json_text.h"
#include "tests/support/mock/event_writer.h"
#include "tests/support/mock/wording.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;
using support::json_string;

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

std::string completion_json(const Request& request, const Ask& ask, std::string_view text,
                            std::string_view reason) {
  std::string json = "{\"id\":\"cmpl-mock" + std::to_string(request.number);
  json += "\",\"object\":\"text_completion\",\"created\":1735689600,\"model\":";
  append_json_string(json, ask.model);
  json += ",\"choices\":[{\"text\":";
  append_json_string(json, text);
  return json.append(",\"index\":0,\"logprobs\":null,\"finish_reason\":").append(reason) + "}]";
}

std::string completion_usage(const Ask& ask, const Turn& turn) {
  const Tokens tokens = tokens_of(ask, turn);
  std::string json = ",\"usage\":{\"prompt_tokens\":" + std::to_string(tokens.in);
  json += ",\"completion_tokens\":" + std::to_string(tokens.out);
  return json + ",\"total_tokens\":" + std::to_string(tokens.in + tokens.out) + "}}";
}

// The value of a form field, or the file name of its part.
std::string form_value(std::string_view body, std::string_view after, std::string_view end) {
  const std::size_t at = body.find(after);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = body.substr(at + after.size());
  return std::string(rest.substr(0, rest.find(end)));
}

std::string file_json(std::string_view id, std::uint64_t bytes, std::string_view name,
                      std::string_view purpose) {
  std::string json = "{\"id\":";
  append_json_string(json, id);
  json += ",\"object\":\"file\",\"bytes\":" + std::to_string(bytes);
  json += ",\"created_at\":1735689600,\"filename\":" + json_string(name);
  return json + ",\"purpose\":" + json_string(purpose) + ",\"status\":\"processed\"}";
}

}  // namespace

Answer completions_answer(const Request& request, const Ask& ask) {
  const Turn turn = turn_of(ask);
  Answer answer;
  if (ask.stream) {
    EventWriter writer(ask.directives);
    for (const std::string& word : turn.words) {
      writer.add("", completion_json(request, ask, word, "null") + "}");
    }
    writer.add("", completion_json(request, ask, "", "\"stop\"") + "}");
    if (!ask.directives.no_done) writer.add("", "[DONE]");
    answer = stream_answer(writer.take());
  } else {
    answer = whole_answer(
        200, "application/json",
        completion_json(request, ask, turn.text(), "\"stop\"") + completion_usage(ask, turn));
  }
  answer.text = turn.sum();
  return answer;
}

Answer embeddings_answer(const Ask& ask) {
  std::string json =
      "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":";
  json += "[0.0023064255,-0.009327292,-0.0028842222]}],\"model\":";
  append_json_string(json, ask.model);
  const std::string tokens = std::to_string(ask.body.size() / 4);
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

Answer files_answer(const Request& request, std::string_view path, const Directives& directives) {
  if (request.method == "POST") {
    const std::string name = form_value(request.body, "filename=\"", "\"");
    const std::string purpose = form_value(request.body, "name=\"purpose\"\r\n\r\n", "\r\n");
    const std::string id = "file-mock" + std::to_string(request.number);
    return whole_answer(200, "application/json", file_json(id, request.body.size(), name, purpose));
  }
  if (path == "/files") {
    return whole_answer(200, "application/json",
                        "{\"object\":\"list\",\"data\":[" +
                            file_json("file-mock1", 10, "a.txt", "assistants") +
                            "],\"has_more\":false}");
  }
  if (path.ends_with("/content")) return speech_answer(directives);
  const std::string_view id = path.substr(sizeof("/files/") - 1);
  if (request.method == "DELETE") {
    return whole_answer(200, "application/json",
                        "{\"id\":" + json_string(id) + ",\"object\":\"file\",\"deleted\":true}");
  }
  return whole_answer(200, "application/json", file_json(id, 10, "a.txt", "assistants"));
}

Answer speech_answer(const Directives& directives) {
  std::string bytes(directives.body_bytes == 0 ? 4096 : directives.body_bytes, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return whole_answer(200, "audio/mpeg", std::move(bytes));
}

Answer transcription_answer(const Directives& directives) {
  std::string text = directives.marker.empty() ? "" : "[[marker " + directives.marker + "]] ";
  text += "Grüße aus Zürich.";
  return whole_answer(200, "application/json", "{\"text\":" + json_string(text) + "}");
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
