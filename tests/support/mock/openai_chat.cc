#include "tests/support/mock/openai_chat.h"

#include "tests/support/json_text.h"
#include "tests/support/mock/event_writer.h"
#include "tests/support/mock/wording.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;
using support::json_string;

constexpr std::string_view kLogprob =
    R"({"token":"x","logprob":-0.25,"bytes":[120],"top_logprobs":[]})";

std::string tool_id(const Request& request, std::size_t choice, std::size_t index) {
  std::string id = "call_" + std::to_string(request.number);
  id += "_" + std::to_string(choice);
  id += "_" + std::to_string(index);
  return id;
}

std::string usage_json(const Ask& ask, const Turn& turn) {
  const Tokens tokens = tokens_of(ask, turn);
  std::string json = "{\"prompt_tokens\":" + std::to_string(tokens.in);
  json += ",\"completion_tokens\":" + std::to_string(tokens.out);
  json += ",\"total_tokens\":" + std::to_string(tokens.in + tokens.out);
  json +=
      ",\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0}"
      ",\"completion_tokens_details\":{\"reasoning_tokens\":";
  json += std::to_string(tokens.reasoning);
  json += ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
  return json;
}

std::string head_json(const Request& request, const Ask& ask, std::string_view object) {
  std::string json = "{\"id\":\"chatcmpl-mock" + std::to_string(request.number);
  json.append("\",\"object\":\"").append(object).append("\",\"created\":1735689600,\"model\":");
  append_json_string(json, ask.model.empty() ? "gpt-4o-mini" : ask.model);
  json += ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_mock\"";
  return json;
}

std::string logprobs_json(const Directives& directives) {
  if (!directives.logprobs) return "null";
  std::string json = "{\"content\":[";
  json += kLogprob;
  return json + "],\"refusal\":null}";
}

std::string_view finish_reason(const Turn& turn) {
  return turn.calls.empty() ? "stop" : "tool_calls";
}

// One choice of a whole answer.
std::string choice_json(const Request& request, const Ask& ask, const Turn& turn,
                        std::size_t index) {
  std::string json = "{\"index\":" + std::to_string(index);
  json += ",\"message\":{\"role\":\"assistant\",\"content\":";
  json += turn.words.empty() ? "null" : json_string(turn.text());
  if (!turn.reasoning.empty()) json += ",\"reasoning_content\":" + json_string(turn.reasoning);
  for (std::size_t i = 0; i < turn.calls.size(); ++i) {
    json += i == 0 ? ",\"tool_calls\":[" : ",";
    json += "{\"id\":\"" + tool_id(request, index, i);
    json += "\",\"type\":\"function\",\"function\":{\"name\":" + json_string(turn.calls[i].name);
    json += ",\"arguments\":" + json_string(turn.calls[i].arguments) + "}}";
  }
  if (!turn.calls.empty()) json += ']';
  json += ",\"refusal\":" + (turn.refusal.empty() ? "null" : json_string(turn.refusal));
  json += ",\"annotations\":[]},\"logprobs\":" + logprobs_json(ask.directives);
  json.append(",\"finish_reason\":\"").append(finish_reason(turn)).append("\"}");
  return json;
}

Answer whole_chat(const Request& request, const Ask& ask) {
  const Turn turn = turn_of(ask);
  std::string json = head_json(request, ask, "chat.completion") + ",\"choices\":[";
  for (std::size_t i = 0; i < ask.directives.choices; ++i) {
    if (i > 0) json += ',';
    json += choice_json(request, ask, turn, i);
  }
  json += "],\"usage\":" + usage_json(ask, turn) + "}";
  if (ask.directives.bad_json) json.resize(json.size() / 2);
  Answer answer = whole_answer(ask.directives.status, "application/json", std::move(json));
  answer.text = turn.sum();
  return answer;
}

// Writes the events of one stream.
class ChatStream {
 public:
  ChatStream(const Request& request, const Ask& ask)
      : request_(request),
        ask_(ask),
        turn_(turn_of(ask)),
        head_(head_json(request, ask, "chat.completion.chunk")),
        writer_(ask.directives) {}

  Answer answer() {
    delta_of_all(R"({"role":"assistant","content":"","refusal":null})");
    text("reasoning_content", turn_.reasoning);
    text("refusal", turn_.refusal);
    contents();
    for (std::size_t i = 0; i < ask_.directives.choices; ++i) calls(i);
    turn_.failed_inside ? in_stream_error() : end();
    if (!ask_.directives.no_done) writer_.add("", "[DONE]");
    Answer answer = stream_answer(writer_.take());
    answer.status = ask_.directives.status;
    answer.text = turn_.sum();
    return answer;
  }

 private:
  void delta_of_all(std::string_view json, std::string_view logprobs = "null",
                    std::string_view reason = "null") {
    for (std::size_t i = 0; i < ask_.directives.choices; ++i) delta(i, json, logprobs, reason);
  }

  void delta(std::size_t choice, std::string_view json, std::string_view logprobs = "null",
             std::string_view reason = "null") {
    std::string text = head_ + ",\"choices\":[{\"index\":" + std::to_string(choice);
    text.append(",\"delta\":").append(json).append(",\"logprobs\":").append(logprobs);
    text.append(",\"finish_reason\":").append(reason);
    text += ask_.include_usage ? "}],\"usage\":null}" : "}]}";
    writer_.add("", text);
  }

  static std::string field_json(std::string_view field, std::string_view text) {
    std::string json = "{";
    append_json_string(json, field);
    json += ':';
    append_json_string(json, text);
    return json + "}";
  }

  void text(std::string_view field, std::string_view text) {
    if (text.empty()) return;
    for (const std::string& piece : pieces_of(text, text.size() / 2 + 1)) {
      delta_of_all(field_json(field, piece));
    }
  }

  void contents() {
    const std::string logprobs = logprobs_json(ask_.directives);
    for (std::size_t i = 0; i < turn_.words.size(); ++i) {
      delta_of_all(field_json("content", turn_.words[i]), logprobs);
      if (ask_.directives.bad_json && i == turn_.words.size() / 2) {
        writer_.add("", "{\"id\":\"chatcmpl-");
      }
    }
  }

  // Parallel calls: first all heads, then their arguments in alternating pieces.
  void calls(std::size_t choice) {
    std::vector<std::vector<std::string>> pieces;
    std::size_t most = 0;
    for (std::size_t i = 0; i < turn_.calls.size(); ++i) {
      std::string json = "{\"tool_calls\":[{\"index\":" + std::to_string(i);
      json += ",\"id\":\"" + tool_id(request_, choice, i);
      json += "\",\"type\":\"function\",\"function\":{\"name\":" + json_string(turn_.calls[i].name);
      delta(choice, json + ",\"arguments\":\"\"}}]}");
      pieces.push_back(pieces_of(turn_.calls[i].arguments, 5));
      most = std::max(most, pieces.back().size());
    }
    for (std::size_t round = 0; round < most; ++round) {
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (round >= pieces[i].size()) continue;
        std::string json = "{\"tool_calls\":[{\"index\":" + std::to_string(i);
        json += ",\"function\":{\"arguments\":" + json_string(pieces[i][round]);
        delta(choice, json + "}}]}");
      }
    }
  }

  void in_stream_error() {
    writer_.add("", R"({"error":{"message":"the server had an error","type":"server_error",)"
                    R"("param":null,"code":null}})");
  }

  void end() {
    delta_of_all("{}", "null", json_string(finish_reason(turn_)));
    if (!ask_.include_usage) return;
    writer_.add("", head_ + ",\"choices\":[],\"usage\":" + usage_json(ask_, turn_) + "}");
  }

  const Request& request_;
  const Ask& ask_;
  const Turn turn_;
  std::string head_;
  EventWriter writer_;
};

}  // namespace

Answer chat_answer(const Request& request, const Ask& ask) {
  return ask.stream ? ChatStream(request, ask).answer() : whole_chat(request, ask);
}

}  // namespace albicilla::mock
