#include "common/translate/openai_chat_to_anthropic.h"

#include <utility>

#include "common/json/tree.h"
#include "common/translate/chat_answer.h"
#include "common/translate/chat_stream.h"
#include "common/translate/error_shapes.h"
#include "common/translate/header_words.h"
#include "common/translate/messages_request.h"

namespace albicilla {

namespace {

// The version of the API that the translation was written for.
constexpr const char* kAnthropicVersion = "2023-06-01";

// A plain message as the events that would have carried it, each block whole.
std::string as_stream(const Json& message, const AnswerTerms& terms) {
  ChatStream stream(terms);
  std::string out = stream.event(Json::object({{"type", "message_start"}, {"message", message}}));
  std::size_t index = 0;
  for (const Json& block : message.at("content").elements()) {
    out += stream.event(Json::object(
        {{"type", "content_block_start"}, {"index", index}, {"content_block", block}}));
    out += stream.event(Json::object({{"type", "content_block_stop"}, {"index", index}}));
    ++index;
  }
  out += stream.event(
      Json::object({{"type", "message_delta"},
                    {"delta", Json::object({{"stop_reason", message.at("stop_reason")}})},
                    {"usage", message.at("usage")}}));
  return out + stream.event(Json::object({{"type", "message_stop"}}));
}

}  // namespace

Headers OpenaiChatToAnthropic::request_headers(const Headers& client) const {
  Headers out = request_without(client, "openai-");
  const std::string credential = credential_of(client);
  if (!credential.empty()) out.push_back({"x-api-key", credential});
  if (!find_header(out, "anthropic-version")) {
    out.push_back({"anthropic-version", kAnthropicVersion});
  }
  return out;
}

Headers OpenaiChatToAnthropic::response_headers(const Headers& upstream) const {
  Headers out = response_without_body_fields(upstream);
  const auto id = find_header(out, "request-id");
  if (id && !find_header(out, "x-request-id")) out.push_back({"x-request-id", std::string(*id)});
  return out;
}

Result<TranslatedRequest> OpenaiChatToAnthropic::request(std::string_view body) const {
  return messages_request_of(body);
}

TranslatedResponse OpenaiChatToAnthropic::response(const AnswerTerms& terms, std::uint16_t status,
                                                   std::string_view body) const {
  TranslatedResponse out{status, "application/json", "", ""};
  if (status >= 400) {
    out.body = openai_body_of(status, read_complaint(body));
    return out;
  }
  const Result<Json> message = parse_json(body);
  const auto completion = message ? completion_of_message(*message, terms) : std::nullopt;
  if (completion && terms.streaming) {
    out.content_type = "text/event-stream; charset=utf-8";
    out.body = as_stream(*message, terms);
  } else if (completion) {
    out.body = dump_json(*completion);
  } else {
    out.status = 502;
    out.error = "the upstream's answer is no Anthropic message";
    out.body = error_body(out.status, out.error);
  }
  return out;
}

std::unique_ptr<StreamTranslator> OpenaiChatToAnthropic::stream(const AnswerTerms& terms) const {
  return std::make_unique<ChatStream>(terms);
}

std::string OpenaiChatToAnthropic::error_body(std::uint16_t status,
                                              std::string_view message) const {
  return openai_error_body(status, message);
}

}  // namespace albicilla
