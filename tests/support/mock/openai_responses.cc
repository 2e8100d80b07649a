#include "tests/support/mock/openai_responses.h"

#include "tests/support/json_text.h"
#include "tests/support/mock/event_writer.h"
#include "tests/support/mock/wording.h"

namespace albicilla::mock {
namespace {

using support::append_json_string;
using support::json_string;

// Words the objects of one response, whole or in the states that its events show.
class ResponseObjects {
 public:
  ResponseObjects(const Request& request, const Ask& ask, const Turn& turn)
      : number_(std::to_string(request.number)), ask_(ask), turn_(turn) {}

  std::string id() const { return "resp_mock" + number_; }
  std::string item_id(std::string_view kind, std::size_t index) const {
    std::string id(kind);
    return id.append("_").append(number_).append("_").append(std::to_string(index));
  }

  std::string response(std::string_view status, const std::vector<std::string>& output) const {
    std::string json = "{\"id\":\"" + id();
    json += "\",\"object\":\"response\",\"created_at\":1735689600,\"status\":\"";
    json.append(status);
    json += "\",\"background\":false,\"error\":";
    json += status == "failed" ? R"({"code":"server_error","message":"the server had an error"})"
                               : "null";
    json +=
        ",\"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,"
        "\"max_tool_calls\":null,\"model\":";
    append_json_string(json, ask_.model);
    json += ",\"output\":[";
    for (const std::string& item : output) {
      if (json.back() != '[') json += ',';
      json += item;
    }
    json += "],\"parallel_tool_calls\":true,\"previous_response_id\":";
    json += ask_.previous_id.empty() ? "null" : json_string(ask_.previous_id);
    json +=
        ",\"prompt_cache_key\":null,\"reasoning\":{\"effort\":null,\"summary\":null},"
        "\"safety_identifier\":null,\"service_tier\":\"default\",\"store\":true,"
        "\"temperature\":1.0,\"text\":{\"format\":{\"type\":\"text\"},\"verbosity\":\"medium\"},"
        "\"tool_choice\":\"auto\",\"tools\":";
    json += ask_.tools_json;
    json += ",\"top_logprobs\":0,\"top_p\":1.0,\"truncation\":\"disabled\",\"usage\":";
    json += status == "completed" ? usage() : "null";
    return json + ",\"user\":null,\"metadata\":{}}";
  }

  std::string reasoning(std::size_t index, std::string_view text) const {
    std::string json = "{\"id\":\"" + item_id("rs", index);
    json += "\",\"type\":\"reasoning\",\"summary\":[";
    if (!text.empty()) json += summary_part(text);
    return json + "]}";
  }

  static std::string summary_part(std::string_view text) {
    return "{\"type\":\"summary_text\",\"text\":" + json_string(text) + "}";
  }

  std::string message(std::size_t index, std::string_view status, std::string_view part) const {
    std::string json = "{\"id\":\"" + item_id("msg", index);
    json.append("\",\"type\":\"message\",\"status\":\"").append(status);
    json.append("\",\"content\":[").append(part);
    return json + "],\"role\":\"assistant\"}";
  }

  std::string part(std::string_view text) const {
    if (!turn_.refusal.empty()) {
      return "{\"type\":\"refusal\",\"refusal\":" + json_string(text) + "}";
    }
    return "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":" +
           json_string(text) + "}";
  }

  std::string call(std::size_t index, std::size_t number, bool done) const {
    const ToolCall& call = turn_.calls[number];
    std::string json = "{\"id\":\"" + item_id("fc", index);
    json.append("\",\"type\":\"function_call\",\"status\":\"");
    json += done ? "completed" : "in_progress";
    json += "\",\"arguments\":" + (done ? json_string(call.arguments) : "\"\"");
    json += ",\"call_id\":\"call_" + number_ + "_" + std::to_string(number);
    return json + "\",\"name\":" + json_string(call.name) + "}";
  }

 private:
  std::string usage() const {
    const Tokens tokens = tokens_of(ask_, turn_);
    std::string json = "{\"input_tokens\":" + std::to_string(tokens.in);
    json += ",\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":";
    json += std::to_string(tokens.out);
    json += ",\"output_tokens_details\":{\"reasoning_tokens\":" + std::to_string(tokens.reasoning);
    return json + "},\"total_tokens\":" + std::to_string(tokens.in + tokens.out) + "}";
  }

  std::string number_;
  const Ask& ask_;
  const Turn& turn_;
};

std::string spoken(const Turn& turn) { return turn.refusal.empty() ? turn.text() : turn.refusal; }

Answer whole_response(const Request& request, const Ask& ask) {
  const Turn turn = turn_of(ask);
  const ResponseObjects objects(request, ask, turn);
  std::vector<std::string> output;
  if (!turn.reasoning.empty()) output.push_back(objects.reasoning(0, turn.reasoning));
  if (const std::string text = spoken(turn); !text.empty()) {
    output.push_back(objects.message(output.size(), "completed", objects.part(text)));
  }
  for (std::size_t i = 0; i < turn.calls.size(); ++i) {
    output.push_back(objects.call(output.size(), i, true));
  }
  std::string json = objects.response("completed", output);
  if (ask.directives.bad_json) json.resize(json.size() / 2);
  Answer answer = whole_answer(ask.directives.status, "application/json", std::move(json));
  answer.text = turn.sum();
  return answer;
}

class ResponseStream {
 public:
  ResponseStream(const Request& request, const Ask& ask)
      : ask_(ask), turn_(turn_of(ask)), objects_(request, ask, turn_), writer_(ask.directives) {}

  Answer answer() {
    add("response.created", ",\"response\":" + objects_.response("in_progress", {}));
    add("response.in_progress", ",\"response\":" + objects_.response("in_progress", {}));
    reasoning();
    message();
    for (std::size_t i = 0; i < turn_.calls.size(); ++i) call(i);
    if (turn_.failed_inside) {
      add("error", R"(,"code":"server_error","message":"the server had an error","param":null)");
      add("response.failed", ",\"response\":" + objects_.response("failed", output_));
    } else if (!ask_.directives.no_done) {
      add("response.completed", ",\"response\":" + objects_.response("completed", output_));
    }
    Answer answer = stream_answer(writer_.take());
    answer.status = ask_.directives.status;
    answer.text = turn_.sum();
    return answer;
  }

 private:
  // `rest` are the members behind "sequence_number", each with a comma in front.
  void add(std::string_view type, std::string_view rest) {
    std::string data = "{\"type\":\"";
    data.append(type).append("\",\"sequence_number\":").append(std::to_string(sequence_++));
    writer_.add(type, data.append(rest).append("}"));
  }

  // The members that tell where in the output an event belongs.
  std::string place(std::string_view kind) const {
    std::string rest = ",\"item_id\":\"" + objects_.item_id(kind, output_.size());
    return rest + "\",\"output_index\":" + std::to_string(output_.size());
  }

  void start_item(const std::string& item) {
    add("response.output_item.added",
        ",\"output_index\":" + std::to_string(output_.size()) + ",\"item\":" + item);
  }

  void finish_item(std::string item) {
    add("response.output_item.done",
        ",\"output_index\":" + std::to_string(output_.size()) + ",\"item\":" + item);
    output_.push_back(std::move(item));
  }

  void reasoning() {
    if (turn_.reasoning.empty()) return;
    const std::string at = place("rs") + ",\"summary_index\":0";
    start_item(objects_.reasoning(output_.size(), ""));
    add("response.reasoning_summary_part.added", at + ",\"part\":" + objects_.summary_part(""));
    for (const std::string& piece : pieces_of(turn_.reasoning, 12)) {
      add("response.reasoning_summary_text.delta", at + ",\"delta\":" + json_string(piece));
    }
    add("response.reasoning_summary_text.done", at + ",\"text\":" + json_string(turn_.reasoning));
    add("response.reasoning_summary_part.done",
        at + ",\"part\":" + objects_.summary_part(turn_.reasoning));
    finish_item(objects_.reasoning(output_.size(), turn_.reasoning));
  }

  void message() {
    const std::string text = spoken(turn_);
    if (text.empty()) return;
    const bool refuses = !turn_.refusal.empty();
    const std::string kind = refuses ? "response.refusal" : "response.output_text";
    const std::string at = place("msg") + ",\"content_index\":0";
    const std::string logprobs = refuses ? "" : ",\"logprobs\":[]";
    start_item(objects_.message(output_.size(), "in_progress", ""));
    add("response.content_part.added", at + ",\"part\":" + objects_.part(""));
    for (const std::string& word : refuses ? pieces_of(text, 12) : turn_.words) {
      add(kind + ".delta", at + ",\"delta\":" + json_string(word) + logprobs);
    }
    if (turn_.failed_inside) return;
    add(kind + ".done",
        at + (refuses ? ",\"refusal\":" : ",\"text\":") + json_string(text) + logprobs);
    add("response.content_part.done", at + ",\"part\":" + objects_.part(text));
    finish_item(objects_.message(output_.size(), "completed", objects_.part(text)));
  }

  void call(std::size_t number) {
    const std::string at = place("fc");
    const std::string& arguments = turn_.calls[number].arguments;
    start_item(objects_.call(output_.size(), number, false));
    for (const std::string& piece : pieces_of(arguments, 5)) {
      add("response.function_call_arguments.delta", at + ",\"delta\":" + json_string(piece));
    }
    add("response.function_call_arguments.done", at + ",\"arguments\":" + json_string(arguments));
    finish_item(objects_.call(output_.size(), number, true));
  }

  const Ask& ask_;
  const Turn turn_;
  const ResponseObjects objects_;
  EventWriter writer_;
  std::vector<std::string> output_;
  std::size_t sequence_ = 0;
};

}  // namespace

Answer responses_answer(const Request& request, const Ask& ask, Threads& threads) {
  if (!ask.script.script.empty()) {
    threads.remember("resp_mock" + std::to_string(request.number),
                     {ask.script.script, ask.script.step + 1, ask.tool_names});
  }
  return ask.stream ? ResponseStream(request, ask).answer() : whole_response(request, ask);
}

}  // namespace albicilla::mock
