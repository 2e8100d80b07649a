#include "tests/support/mock/provider.h"

#include <algorithm>
#include <array>

#include "tests/support/json_text.h"
#include "tests/support/mock/anthropic.h"
#include "tests/support/mock/ask.h"
#include "tests/support/mock/openai_chat.h"
#include "tests/support/mock/openai_other.h"
#include "tests/support/mock/openai_responses.h"
#include "tests/support/sha256.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;

Answer counters_answer(const Counters& counters) {
  std::string json = "{\"requests\":" + std::to_string(counters.requests);
  json += ",\"active\":" + std::to_string(counters.active);
  json += ",\"complete\":" + std::to_string(counters.complete);
  json += ",\"broken_off\":" + std::to_string(counters.broken_off);
  json += ",\"client_gone\":" + std::to_string(counters.client_gone);
  json += ",\"connections\":" + std::to_string(counters.connections) + "}";
  return whole_answer(200, "application/json", std::move(json));
}

// Says what has arrived, so that a test can check what a proxy made of it.
Answer description(const Request& request, const Directives& directives) {
  if (directives.echo_body) {
    const auto type = request.head->find("content-type").value_or("application/octet-stream");
    return whole_answer(directives.status, type, std::string(request.body));
  }
  std::string json = "{\"object\":\"mock.request\",\"marker\":";
  append_json_string(json, directives.marker);
  json += ",\"method\":";
  append_json_string(json, request.method);
  json += ",\"target\":";
  append_json_string(json, request.target);
  json += ",\"headers\":[";
  for (const auto& [name, value] : request.head->fields()) {
    json += json.back() == '[' ? "[" : ",[";
    append_json_string(json, name);
    json += ",";
    append_json_string(json, value);
    json += "]";
  }
  json += "],\"body_bytes\":" + std::to_string(request.body.size()) + ",\"body_sha256\":\"";
  json += support::sha256_hex(request.body) + "\"}";
  return whole_answer(directives.status, "application/json", std::move(json));
}

Answer error_answer(unsigned status, std::string_view message, const Request& request) {
  return speaks_anthropic(request) ? anthropic_error(status, message, request)
                                   : openai_error(status, message);
}

// The calls that take a JSON body.
Answer generated(std::string_view path, const Request& request, const Ask& ask, Threads& threads) {
  if (!ask.readable) return error_answer(400, "We could not parse the JSON body.", request);
  if (path == "/chat/completions") return chat_answer(request, ask);
  if (path == "/responses") return responses_answer(request, ask, threads);
  if (path == "/messages") return messages_answer(request, ask, threads);
  if (path == "/messages/count_tokens") return count_tokens_answer(ask);
  if (path == "/completions") return completions_answer(request, ask);
  return embeddings_answer(ask);
}

Answer by_path(const Request& request, const Ask& ask, Threads& threads) {
  constexpr std::array<std::string_view, 6> kGenerating = {
      "/chat/completions",      "/responses",   "/messages",
      "/messages/count_tokens", "/completions", "/embeddings"};
  std::string_view path = request.path;
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  const bool post = request.method == "POST";
  if (post && std::find(kGenerating.begin(), kGenerating.end(), path) != kGenerating.end()) {
    return generated(path, request, ask, threads);
  }
  if (post && path == "/audio/speech") return speech_answer(ask.directives);
  if (post && path == "/audio/transcriptions") return transcription_answer(ask.directives);
  if (path == "/files" || path.starts_with("/files/")) {
    return files_answer(request, path, ask.directives);
  }
  if (path == "/models" && speaks_anthropic(request)) return anthropic_models_answer();
  if (path == "/models" || path.starts_with("/models/")) return models_answer(path);
  return description(request, ask.directives);
}

}  // namespace

Answer answer_to(const Request& request, Provider& provider) {
  if (request.path == "/mock/counters") return counters_answer(provider.counters);
  Ask ask;
  read_ask(request, provider.threads, ask);
  Answer answer;
  if (!ask.fault.empty()) {
    answer = error_answer(400, ask.fault, request);
  } else if (ask.directives.status >= 400) {
    answer = error_answer(ask.directives.status, "asked for by the request", request);
  } else {
    answer = by_path(request, ask, provider.threads);
  }
  if (ask.directives.retry_after) {
    answer.fields.emplace_back("retry-after", *ask.directives.retry_after);
  }
  if (ask.directives.retry_after_ms) {
    answer.fields.emplace_back("retry-after-ms", *ask.directives.retry_after_ms);
  }
  answer.fields.emplace_back(speaks_anthropic(request) ? "request-id" : "x-request-id",
                             "req_" + std::to_string(request.number));
  answer.directives = std::move(ask.directives);
  encode_body(answer);
  return answer;
}

}  // namespace albicilla::mock
