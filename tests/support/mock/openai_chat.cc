#include "tests/support/mock/openai_chat.h"

#include "tests/support/json_text.h"
#include "tests/support/mock/wording.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;
using support::json_string;

constexpr std::string_view kLogprob =
    R"({"token":"x","logprob":-0.25,"bytes":[120],"top_logprobs":[]})";

std::string tool_id(const Request& request, std::size_t choice, std::size_t index) {
  return "call_" + std::to_string(request.number) + "_" + std::to_string(choice) + "_" +
         std::to_string(index);
}

std::string usage_json(const Request& request, const Ask& ask) {
  const std::uint64_t in = request.body.size() / 4 + 1;
  const std::uint64_t out = ask.directives.events + ask.directives.tools * 8;
  return "{\"prompt_tokens\":" + std::to_string(in) +
         ",\"completion_tokens\":" + std::to_string(out) +
         ",\"total_tokens\":" + std::to_string(in + out) +
         ",\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0}"
         ",\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
         "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
}

std::string head_json(const Request& request, const Ask& ask, std::string_view object) {
  std::string json =
      "{\"id\":\"chatcmpl-mock" + std::to_string(request.number) + "\",\"object\":\"";
  json += object;
  json += "\",\"created\":1735689600,\"model\":";
  append_json_string(json, ask.model.empty() ? "gpt-4o-mini" : ask.model);
  json += ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_mock\"";
  return json;
}

std::string_view finish_reason(const Directives& directives) {
  return directives.tools > 0 ? "tool_calls" : "stop";
}

// One choice of a whole answer.
std::string choice_json(const Request& request, const Ask& ask, std::size_t index) {
  const Directives& directives = ask.directives;
  std::string json = "{\"index\":" + std::to_string(index) + ",\"message\":{\"role\":\"assistant\"";
  const std::string text = plain_text(directives);
  const bool speaks = directives.tools == 0 && !directives.refusal;
  json += ",\"content\":" + (speaks ? json_string(text) : "null");
  if (directives.reasoning) json += ",\"reasoning_content\":" + json_string(kReasoning);
  if (directives.tools > 0) {
    json += ",\"tool_calls\":[";
    for (std::size_t i = 0; i < directives.tools; ++i) {
      const ToolCall call = tool_call(ask, i);
      if (i > 0) json += ',';
      json += "{\"id\":\"" + tool_id(request, index, i) +
              "\",\"type\":\"function\",\"function\":{\"name\":" + json_string(call.name) +
              ",\"arguments\":" + json_string(call.arguments) + "}}";
    }
    json += ']';
  }
  json += ",\"refusal\":" + (directives.refusal ? json_string(kRefusal) : "null");
  json += ",\"annotations\":[]},\"logprobs\":";
  json += directives.logprobs ? "{\"content\":[" + std::string(kLogprob) + "],\"refusal\":null}"
                              : "null";
  json += ",\"finish_reason\":\"";
  json += finish_reason(directives);
  return json + "\"}";
}

// What the first choice adds up to: its content, then the arguments of its calls.
std::string whole_text(const Ask& ask) {
  if (ask.directives.refusal) return {};
  if (ask.directives.tools == 0) return plain_text(ask.directives);
  std::string text;
  for (std::size_t i = 0; i < ask.directives.tools; ++i) text += tool_call(ask, i).arguments;
  return text;
}

Answer whole_chat(const Request& request, const Ask& ask) {
  std::string json = head_json(request, ask, "chat.completion") + ",\"choices\":[";
  for (std::size_t i = 0; i < ask.directives.choices; ++i) {
    if (i > 0) json += ',';
    json += choice_json(request, ask, i);
  }
  json += "],\"usage\":" + usage_json(request, ask) + "}";
  if (ask.directives.bad_json) json.resize(json.size() / 2);
  Answer answer = whole_answer(ask.directives.status, "application/json", std::move(json));
  answer.text = whole_text(ask);
  return answer;
}

// Writes the events of one stream.
class ChatStream {
 public:
  ChatStream(const Request& request, const Ask& ask)
      : request_(request),
        ask_(ask),
        head_(head_json(request, ask, "chat.completion.chunk")),
        line_end_(ask.directives.crlf ? "\r\n\r\n" : "\n\n") {}

  Answer answer() {
    for_each_choice(
        [&](std::size_t i) { delta(i, R"({"role":"assistant","content":"","refusal":null})"); });
    if (ask_.directives.reasoning) {
      for_each_choice([&](std::size_t i) { pieces(i, "reasoning_content", kReasoning); });
    }
    if (ask_.directives.refusal) {
      for_each_choice([&](std::size_t i) { pieces(i, "refusal", kRefusal); });
    } else if (ask_.directives.tools > 0) {
      for_each_choice([&](std::size_t i) { tools(i); });
    } else {
      contents();
    }
    if (!failed_) end();
    Answer answer = stream_answer(std::move(events_));
    answer.status = ask_.directives.status;
    answer.text = std::move(text_);
    return answer;
  }

 private:
  template <class Call>
  void for_each_choice(Call call) {
    for (std::size_t i = 0; i < ask_.directives.choices; ++i) call(i);
  }

  void event(std::string_view payload) {
    std::string text = "data: ";
    text += payload;
    text += line_end_;
    events_.push_back(std::move(text));
  }

  void delta(std::size_t choice, std::string_view json, std::string_view logprobs = "null",
             std::string_view reason = "null") {
    std::string text = head_ + ",\"choices\":[{\"index\":" + std::to_string(choice) + ",\"delta\":";
    text += json;
    text += ",\"logprobs\":";
    text += logprobs;
    text += ",\"finish_reason\":";
    text += reason;
    text += ask_.include_usage ? "}],\"usage\":null}" : "}]}";
    event(text);
  }

  // A text in two deltas of the named field.
  void pieces(std::size_t choice, std::string_view field, std::string_view text) {
    std::string name = "{";
    append_json_string(name, field);
    name += ':';
    delta(choice, name + json_string(text.substr(0, text.size() / 2)) + "}");
    delta(choice, name + json_string(text.substr(text.size() / 2)) + "}");
  }

  void contents() {
    const Directives& directives = ask_.directives;
    const std::string logprobs = "{\"content\":[" + std::string(kLogprob) + "],\"refusal\":null}";
    for (std::uint64_t i = 0; i < directives.events && !failed_; ++i) {
      if (directives.error_after == i) return in_stream_error();
      const std::string word = stream_word(directives, i);
      text_ += word;
      for_each_choice([&](std::size_t choice) {
        delta(choice, "{\"content\":" + json_string(word) + "}",
              directives.logprobs ? std::string_view(logprobs) : "null");
      });
      if (directives.bad_json && i == directives.events / 2) event("{\"id\":\"chatcmpl-");
    }
  }

  // Parallel calls: first all heads, then their arguments in alternating pieces.
  void tools(std::size_t choice) {
    const std::size_t count = ask_.directives.tools;
    std::vector<std::string> left;
    for (std::size_t i = 0; i < count; ++i) {
      ToolCall call = tool_call(ask_, i);
      if (choice == 0) text_ += call.arguments;
      delta(choice, "{\"tool_calls\":[{\"index\":" + std::to_string(i) + ",\"id\":\"" +
                        tool_id(request_, choice, i) +
                        "\",\"type\":\"function\",\"function\":{\"name\":" +
                        json_string(call.name) + ",\"arguments\":\"\"}}]}");
      left.push_back(std::move(call.arguments));
    }
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = 0; i < count; ++i) {
        if (left[i].empty()) continue;
        const std::string piece = left[i].substr(0, 5);
        left[i].erase(0, piece.size());
        more = true;
        delta(choice, "{\"tool_calls\":[{\"index\":" + std::to_string(i) +
                          ",\"function\":{\"arguments\":" + json_string(piece) + "}}]}");
      }
    }
  }

  void in_stream_error() {
    failed_ = true;
    event(R"({"error":{"message":"the server had an error","type":"server_error","param":null,)"
          R"("code":null}})");
    if (!ask_.directives.no_done) event("[DONE]");
  }

  void end() {
    const std::string reason = json_string(finish_reason(ask_.directives));
    for_each_choice([&](std::size_t i) { delta(i, "{}", "null", reason); });
    if (ask_.include_usage) {
      event(head_ + ",\"choices\":[],\"usage\":" + usage_json(request_, ask_) + "}");
    }
    if (!ask_.directives.no_done) event("[DONE]");
  }

  const Request& request_;
  const Ask& ask_;
  std::string head_;
  std::string_view line_end_;
  std::vector<std::string> events_;
  std::string text_;
  bool failed_ = false;
};

}  // namespace

Answer chat_answer(const Request& request, const Ask& ask) {
  return ask.stream ? ChatStream(request, ask).answer() : whole_chat(request, ask);
}

}  // namespace albicilla::mock
