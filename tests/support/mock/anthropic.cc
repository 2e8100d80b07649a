#include "tests/support/mock/anthropic.h"

#include "tests/support/json_text.h"
#include "tests/support/mock/event_writer.h"
#include "tests/support/mock/wording.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;
using support::json_string;

constexpr std::string_view kSignature = "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds";

std::string message_id(const Request& request) {
  return "msg_mock" + std::to_string(request.number);
}

std::string usage_json(const Tokens& tokens, std::uint64_t out) {
  std::string json = "{\"input_tokens\":" + std::to_string(tokens.in);
  json +=
      ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"cache_creation\":"
      "{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},\"output_tokens\":";
  json += std::to_string(out);
  return json + ",\"service_tier\":\"standard\"}";
}

std::string_view stop_reason(const Turn& turn) {
  if (!turn.refusal.empty()) return "refusal";
  return turn.calls.empty() ? "end_turn" : "tool_use";
}

std::string message_head(const Request& request, const Ask& ask) {
  std::string json = "{\"id\":\"" + message_id(request);
  json += "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":";
  append_json_string(json, ask.model);
  return json + ",\"content\":[";
}

std::string tool_head(const Request& request, std::size_t index, const ToolCall& call) {
  std::string json = "{\"type\":\"tool_use\",\"id\":\"toolu_" + std::to_string(request.number);
  json += "_" + std::to_string(index) + "\",\"name\":";
  append_json_string(json, call.name);
  return json + ",\"input\":";
}

Answer whole_message(const Request& request, const Ask& ask) {
  const Turn turn = turn_of(ask);
  std::vector<std::string> blocks;
  if (!turn.reasoning.empty()) {
    std::string json = "{\"type\":\"thinking\",\"thinking\":" + json_string(turn.reasoning);
    json.append(",\"signature\":\"").append(kSignature).append("\"}");
    blocks.push_back(std::move(json));
  }
  const std::string text = turn.refusal.empty() ? turn.text() : turn.refusal;
  if (!text.empty()) blocks.push_back("{\"type\":\"text\",\"text\":" + json_string(text) + "}");
  for (std::size_t i = 0; i < turn.calls.size(); ++i) {
    blocks.push_back(tool_head(request, i, turn.calls[i]) + turn.calls[i].arguments + "}");
  }
  std::string json = message_head(request, ask);
  for (const std::string& block : blocks) {
    if (json.back() != '[') json += ',';
    json += block;
  }
  const Tokens tokens = tokens_of(ask, turn);
  json.append("],\"stop_reason\":\"").append(stop_reason(turn));
  json += "\",\"stop_sequence\":null,\"usage\":" + usage_json(tokens, tokens.out) + "}";
  if (ask.directives.bad_json) json.resize(json.size() / 2);
  Answer answer = whole_answer(ask.directives.status, "application/json", std::move(json));
  answer.text = text;
  return answer;
}

class MessageStream {
 public:
  MessageStream(const Request& request, const Ask& ask)
      : request_(request),
        ask_(ask),
        turn_(turn_of(ask)),
        tokens_(tokens_of(ask, turn_)),
        writer_(ask.directives) {}

  Answer answer() {
    add("message_start", ",\"message\":" + message_head(request_, ask_) +
                             "],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":" +
                             usage_json(tokens_, 1) + "}");
    thinking();
    text();
    for (std::size_t i = 0; i < turn_.calls.size(); ++i) call(i);
    turn_.failed_inside ? error() : end();
    Answer answer = stream_answer(writer_.take());
    answer.status = ask_.directives.status;
    answer.text = turn_.refusal.empty() ? turn_.text() : turn_.refusal;
    return answer;
  }

 private:
  // `rest` are the members behind "type", each with a comma in front.
  void add(std::string_view type, std::string_view rest) {
    std::string data = "{\"type\":\"";
    data.append(type).append("\"").append(rest).append("}");
    writer_.add(type, data);
  }

  void start_block(std::string_view block) {
    std::string rest = ",\"index\":" + std::to_string(block_);
    add("content_block_start", rest.append(",\"content_block\":").append(block));
    if (block_ == 0) writer_.add("ping", R"({"type": "ping"})");
  }

  void delta(std::string_view type, std::string_view field, std::string_view text) {
    std::string rest = ",\"index\":" + std::to_string(block_);
    rest.append(",\"delta\":{\"type\":\"").append(type).append("\",\"").append(field);
    rest.append("\":");
    append_json_string(rest, text);
    add("content_block_delta", rest + "}");
  }

  void stop_block() { add("content_block_stop", ",\"index\":" + std::to_string(block_++)); }

  void thinking() {
    if (turn_.reasoning.empty()) return;
    start_block(R"({"type":"thinking","thinking":"","signature":""})");
    for (const std::string& piece : pieces_of(turn_.reasoning, 12)) {
      delta("thinking_delta", "thinking", piece);
    }
    delta("signature_delta", "signature", kSignature);
    stop_block();
  }

  void text() {
    const auto words = turn_.refusal.empty() ? turn_.words : pieces_of(turn_.refusal, 12);
    if (words.empty()) return;
    start_block(R"({"type":"text","text":""})");
    for (std::size_t i = 0; i < words.size(); ++i) {
      delta("text_delta", "text", words[i]);
      if (ask_.directives.bad_json && i == words.size() / 2) {
        writer_.add("content_block_delta", "{\"type\":\"content_");
      }
    }
    if (!turn_.failed_inside) stop_block();
  }

  void call(std::size_t index) {
    start_block(tool_head(request_, index, turn_.calls[index]) + "{}}");
    delta("input_json_delta", "partial_json", "");
    for (const std::string& piece : pieces_of(turn_.calls[index].arguments, 5)) {
      delta("input_json_delta", "partial_json", piece);
    }
    stop_block();
  }

  void error() {
    add("error", R"(,"error":{"details":null,"type":"overloaded_error","message":"Overloaded"})");
  }

  void end() {
    std::string rest = ",\"delta\":{\"stop_reason\":\"";
    rest.append(stop_reason(turn_)).append("\",\"stop_sequence\":null},\"usage\":");
    rest += "{\"output_tokens\":" + std::to_string(tokens_.out) + "}";
    add("message_delta", rest);
    if (!ask_.directives.no_done) add("message_stop", "");
  }

  const Request& request_;
  const Ask& ask_;
  const Turn turn_;
  const Tokens tokens_;
  EventWriter writer_;
  std::size_t block_ = 0;
};

std::string_view error_type(unsigned status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

}  // namespace

bool speaks_anthropic(const Request& request) {
  return request.path.find("/messages") != std::string_view::npos ||
         request.head->find("anthropic-version");
}

Answer messages_answer(const Request& request, const Ask& ask, Threads& threads) {
  if (!ask.script.script.empty()) {
    threads.remember(message_id(request), {ask.script.script, ask.script.step + 1, ask.tool_names});
  }
  return ask.stream ? MessageStream(request, ask).answer() : whole_message(request, ask);
}

Answer count_tokens_answer(const Ask& ask) {
  return whole_answer(200, "application/json",
                      "{\"input_tokens\":" + std::to_string(ask.body.size() / 4 + 1) + "}");
}

Answer anthropic_models_answer() {
  return whole_answer(200, "application/json",
                      R"({"data":[{"type":"model","id":"claude-sonnet-4-5","display_name":)"
                      R"("Claude Sonnet 4.5","created_at":"2025-09-29T00:00:00Z"}],)"
                      R"("has_more":false,"first_id":"claude-sonnet-4-5",)"
                      R"("last_id":"claude-sonnet-4-5"})");
}

Answer anthropic_error(unsigned status, std::string_view message, const Request& request) {
  std::string json = "{\"type\":\"error\",\"error\":{\"type\":\"";
  json.append(error_type(status)).append("\",\"message\":");
  append_json_string(json, message);
  json += "},\"request_id\":\"req_" + std::to_string(request.number) + "\"}";
  return whole_answer(status, "application/json", std::move(json));
}

}  // namespace albicilla::mock
