#include "common/translate/chat_stream.h"

#include <utility>

#include "common/translate/answer_words.h"
#include "common/translate/chat_answer.h"
#include "common/translate/error_shapes.h"

namespace albicilla {

namespace {

std::string data_line(const Json& data) { return "data: " + dump_json(data) + "\n\n"; }

std::int64_t index_of(const Json& event) { return event.at("index").integer().value_or(0); }

}  // namespace

std::string ChatStream::keep_alive() const { return over() ? "" : ": ping\n\n"; }

std::string ChatStream::feed(std::string_view bytes) {
  std::string out;
  for (const FedEvent& fed : feed_.feed(bytes)) out += take(fed);
  if (feed_.overflowed()) out += fail("server_error", "the upstream sent an event beyond 64 MiB");
  return out;
}

std::string ChatStream::finish() {
  std::string out;
  for (const FedEvent& fed : feed_.finish()) out += take(fed);
  // A reason to stop is the end, also when message_stop was lost.
  if (!over() && !stop_reason_.empty()) return out + stop();
  return out + fail("server_error", "the upstream's stream ended before its end");
}

std::string ChatStream::take(const FedEvent& fed) {
  if (over()) return "";
  if (fed.is_comment) return keep_alive();
  const Result<Json> parsed = parse_json(fed.event.data);
  if (!parsed || !parsed->is_object()) {
    return fail("server_error", "the upstream sent an event that is not JSON");
  }
  return event(*parsed);
}

std::string ChatStream::event(const Json& event) {
  const std::string_view type = event.at("type").text();
  if (type == "ping") return keep_alive();
  if (type == "error") {
    const Json& error = event.at("error");
    return fail(error.at("type").text(), error.at("message").text());
  }
  if (type == "message_start") return start(event.at("message"));
  if (state_ == State::before_start) return "";
  if (type == "content_block_start") return block_start(event);
  if (type == "content_block_delta") return block_delta(event);
  if (type == "content_block_stop") return block_stop(event);
  if (type == "message_delta") {
    for (const auto& [name, value] : event.at("usage").members()) {
      if (!value.is_null()) usage_.set(name, value);
    }
    const Json& reason = event.at("delta").at("stop_reason");
    if (reason.is_string()) stop_reason_ = reason.text();
    return "";
  }
  return type == "message_stop" ? stop() : "";
}

std::string ChatStream::start(const Json& message) {
  if (state_ != State::before_start) return "";
  state_ = State::open;
  id_ = openai_completion_id(message.at("id").text(), terms_.fallback_id);
  const std::string_view model = message.at("model").text();
  model_ = model.empty() ? std::string_view(terms_.model) : model;
  if (message.at("usage").is_object()) usage_ = message.at("usage");
  return chunk(Json::object({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}));
}

std::string ChatStream::block_start(const Json& event) {
  const Json& block = event.at("content_block");
  const std::string_view type = block.at("type").text();
  if (type == "tool_use") {
    const std::size_t number = calls_.size();
    calls_.emplace(index_of(event), Call{number, false});
    std::string out = call_piece(
        number,
        Json::object(
            {{"id", block.at("id").text()},
             {"type", "function"},
             {"function", Json::object({{"name", block.at("name").text()}, {"arguments", ""}})}}));
    // Usually empty here; a whole answer brings its input at once.
    const Json& input = block.at("input");
    return input.members().empty() ? out : out + arguments_piece(event, dump_json(input));
  }
  if (type == "thinking" || type == "redacted_thinking") {
    const std::size_t number = thought_numbers_.size();
    thought_numbers_.emplace(index_of(event), number);
  }
  if (type == "redacted_thinking") {
    return chunk(Json::object(
        {{"reasoning_details",
          Json::array({reasoning_detail(block, thought_numbers_[index_of(event)])})}}));
  }
  if (type == "thinking") {
    const std::string_view thinking = block.at("thinking").text();
    const std::string_view signature = block.at("signature").text();
    return thinking.empty() && signature.empty() ? "" : thinking_piece(event, thinking, signature);
  }
  const std::string_view text = block.at("text").text();
  return text.empty() ? "" : chunk(Json::object({{"content", text}}));
}

std::string ChatStream::block_delta(const Json& event) {
  const Json& delta = event.at("delta");
  const std::string_view type = delta.at("type").text();
  if (type == "text_delta") return chunk(Json::object({{"content", delta.at("text").text()}}));
  if (type == "thinking_delta") return thinking_piece(event, delta.at("thinking").text(), "");
  if (type == "signature_delta") return thinking_piece(event, "", delta.at("signature").text());
  if (type == "input_json_delta") {
    return arguments_piece(event, delta.at("partial_json").text());
  }
  return "";
}

// Under both names: the plain text most clients know, and the piece of a detail that keeps the
// signature for a client which sends its history back.
std::string ChatStream::thinking_piece(const Json& event, std::string_view thinking,
                                       std::string_view signature) {
  Json delta = Json::object();
  if (!thinking.empty()) delta.set("reasoning_content", thinking);
  Json detail = Json::object({{"type", "reasoning.text"}, {"text", thinking}});
  if (!signature.empty()) detail.set("signature", signature);
  detail.set("index", thought_numbers_[index_of(event)]);
  delta.set("reasoning_details", Json::array({std::move(detail)}));
  return chunk(std::move(delta));
}

std::string ChatStream::arguments_piece(const Json& event, std::string_view arguments) {
  const auto call = calls_.find(index_of(event));
  if (call == calls_.end() || arguments.empty()) return "";
  call->second.has_arguments = true;
  return call_piece(call->second.number,
                    Json::object({{"function", Json::object({{"arguments", arguments}})}}));
}

// A call without input streams none; OpenAI's clients parse the arguments all the same.
std::string ChatStream::block_stop(const Json& event) {
  const auto call = calls_.find(index_of(event));
  if (call == calls_.end() || call->second.has_arguments) return "";
  return arguments_piece(event, "{}");
}

std::string ChatStream::call_piece(std::size_t number, const Json& call) const {
  Json numbered = Json::object({{"index", number}});
  for (const auto& [name, value] : call.members()) numbered.set(name, value);
  return chunk(Json::object({{"tool_calls", Json::array({std::move(numbered)})}}));
}

std::string ChatStream::stop() {
  state_ = State::stopped;
  std::string out = chunk(Json::object(), openai_finish_reason(stop_reason_));
  if (terms_.usage_in_stream) {
    const Json usage = openai_usage(usage_);
    out += chunk_of(Json::array(), &usage);
  }
  return out + "data: [DONE]\n\n";
}

std::string ChatStream::chunk(Json delta, Json finish_reason) const {
  Json choice = Json::object({{"index", 0},
                              {"delta", std::move(delta)},
                              {"logprobs", nullptr},
                              {"finish_reason", std::move(finish_reason)}});
  return chunk_of(Json::array({std::move(choice)}), nullptr);
}

std::string ChatStream::chunk_of(Json choices, const Json* usage) const {
  Json out = Json::object({{"id", id_},
                           {"object", "chat.completion.chunk"},
                           {"created", terms_.created},
                           {"model", model_},
                           {"choices", std::move(choices)}});
  // A client that asked for usage finds the field in every chunk, null until the last.
  if (terms_.usage_in_stream) out.set("usage", usage == nullptr ? Json() : *usage);
  return data_line(out);
}

std::string ChatStream::fail(std::string_view type, std::string_view message) {
  if (over()) return "";
  state_ = State::failed;
  return data_line(openai_error(type, message));
}

}  // namespace albicilla
