#include "common/translate/messages_stream.h"

#include "common/translate/answer_words.h"
#include "common/translate/error_shapes.h"
#include "common/translate/messages_answer.h"

namespace albicilla {

namespace {

// In-stream errors have no status; their code may be one.
std::uint16_t status_of(const UpstreamComplaint& complaint) {
  const std::int64_t code = complaint.code.integer().value_or(0);
  if (code >= 400 && code <= 599) return static_cast<std::uint16_t>(code);
  if (complaint.type.find("rate_limit") != std::string::npos) return 429;
  if (complaint.type.find("overloaded") != std::string::npos) return 529;
  if (complaint.type.find("invalid_request") != std::string::npos) return 400;
  return 500;
}

}  // namespace

std::string MessagesStream::keep_alive() const {
  return over() ? "" : anthropic_event("ping", Json::object({{"type", "ping"}}));
}

std::string MessagesStream::feed(std::string_view bytes) {
  std::string out;
  for (const FedEvent& fed : feed_.feed(bytes)) out += take(fed);
  if (feed_.overflowed()) out += fail("api_error", "the upstream sent an event beyond 64 MiB");
  return out;
}

std::string MessagesStream::finish() {
  std::string out;
  for (const FedEvent& fed : feed_.finish()) out += take(fed);
  if (over()) return out;
  // Some servers close without [DONE]; a reason to stop is the end all the same.
  if (!finish_reason_.empty()) return out + stop();
  return out + fail("api_error", "the upstream's stream ended before its end");
}

std::string MessagesStream::take(const FedEvent& fed) {
  if (over()) return "";
  if (fed.is_comment) return keep_alive();
  if (fed.event.data == "[DONE]") return stop();
  const Result<Json> parsed = parse_json(fed.event.data);
  if (!parsed || !parsed->is_object()) {
    return fail("api_error", "the upstream sent an event that is no chunk");
  }
  const Json& error = parsed->at("error");
  if (error.is_object() || error.is_string() || fed.event.name == "error") {
    const UpstreamComplaint complaint = read_complaint(fed.event.data);
    return fail(anthropic_error_type(status_of(complaint)), complaint.message);
  }
  return chunk(*parsed);
}

std::string MessagesStream::chunk(const Json& chunk) {
  std::string out;
  if (state_ == State::before_start) out = start(chunk);
  if (chunk.at("usage").is_object()) usage_ = chunk.at("usage");
  for (const Json& choice : chunk.at("choices").elements()) {
    if (choice.at("index").integer().value_or(0) == 0) read_choice(choice);
  }
  out += blocks_.drain();
  if (blocks_.malformed()) out += fail("api_error", "the upstream's tool calls make no sense");
  return out;
}

std::string MessagesStream::start(const Json& chunk) {
  state_ = State::open;
  const std::string id = anthropic_message_id(chunk.at("id").text(), terms_.fallback_id);
  blocks_ = BlockQueue(id);
  const std::string_view model = chunk.at("model").text();
  Json message = Json::object({{"id", id},
                               {"type", "message"},
                               {"role", "assistant"},
                               {"model", model.empty() ? std::string_view(terms_.model) : model},
                               {"content", Json::array()},
                               {"stop_reason", nullptr},
                               {"stop_sequence", nullptr},
                               {"usage", anthropic_usage(chunk.at("usage"))}});
  return anthropic_event(
      "message_start", Json::object({{"type", "message_start"}, {"message", std::move(message)}}));
}

void MessagesStream::read_choice(const Json& choice) {
  const Json& delta = choice.at("delta");
  const Json reasoning = reasoning_blocks_of(delta);
  for (const Json& block : reasoning.elements()) {
    if (block.at("type").text() == "redacted_thinking") {
      blocks_.redacted(block.at("data").text());
    } else {
      blocks_.thinking(block.at("thinking").text(), block.at("signature").text());
    }
  }
  blocks_.text(delta.at("content").text());
  for (const Json& part : delta.at("content").elements()) blocks_.text(part.at("text").text());
  const std::string_view refusal = delta.at("refusal").text();
  refused_ = refused_ || !refusal.empty();
  blocks_.text(refusal);
  std::int64_t position = 0;
  for (const Json& call : delta.at("tool_calls").elements()) {
    const Json& function = call.at("function");
    blocks_.call(call.at("index").integer().value_or(position), call.at("id").text(),
                 function.at("name").text(), function.at("arguments").text());
    ++position;
  }
  const Json& legacy = delta.at("function_call");
  if (legacy.is_object()) {
    blocks_.call(0, "", legacy.at("name").text(), legacy.at("arguments").text());
  }
  if (choice.at("finish_reason").is_string()) finish_reason_ = choice.at("finish_reason").text();
  if (choice.at("stop_reason").is_string()) matched_sequence_ = choice.at("stop_reason");
}

std::string MessagesStream::stop() {
  std::string out;
  if (state_ == State::before_start) out = start(Json());
  out += blocks_.close();
  state_ = State::stopped;
  std::string_view reason = anthropic_stop_reason(finish_reason_);
  if (blocks_.had_calls() && reason == "end_turn") reason = "tool_use";
  if (refused_) reason = "refusal";
  const bool at_sequence = matched_sequence_.is_string() && reason == "end_turn";
  Json delta =
      Json::object({{"stop_reason", at_sequence ? std::string_view("stop_sequence") : reason},
                    {"stop_sequence", at_sequence ? matched_sequence_ : Json()}});
  out += anthropic_event("message_delta", Json::object({{"type", "message_delta"},
                                                        {"delta", std::move(delta)},
                                                        {"usage", anthropic_usage(usage_)}}));
  return out + anthropic_event("message_stop", Json::object({{"type", "message_stop"}}));
}

std::string MessagesStream::fail(std::string_view type, std::string_view message) {
  if (over()) return "";
  state_ = State::failed;
  return anthropic_event("error", anthropic_error(type, message));
}

}  // namespace albicilla
