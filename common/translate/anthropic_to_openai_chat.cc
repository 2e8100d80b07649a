#include "common/translate/anthropic_to_openai_chat.h"

#include <utility>

#include "common/json/tree.h"
#include "common/translate/chat_request.h"
#include "common/translate/error_shapes.h"
#include "common/translate/header_words.h"
#include "common/translate/messages_answer.h"
#include "common/translate/messages_stream.h"

namespace albicilla {

namespace {

// Some gateways answer 200 with an error inside; its code is the status then.
std::uint16_t inner_status(const UpstreamComplaint& complaint) {
  const std::int64_t code = complaint.code.integer().value_or(0);
  return code >= 400 && code <= 599 ? static_cast<std::uint16_t>(code) : 502;
}

// A plain completion as the chunk that would have carried all of it.
Json as_chunk(const Json& completion) {
  Json chunk = completion;
  Json::Array choices = completion.at("choices").elements();
  for (Json& choice : choices) {
    choice.set("delta", choice.at("message"));
    choice.erase("message");
  }
  chunk.set("choices", Json(std::move(choices)));
  return chunk;
}

}  // namespace

Headers AnthropicToOpenaiChat::request_headers(const Headers& client) const {
  Headers out = request_without(client, "anthropic-");
  const std::string credential = credential_of(client);
  if (!credential.empty()) out.push_back({"authorization", "Bearer " + credential});
  return out;
}

Headers AnthropicToOpenaiChat::response_headers(const Headers& upstream) const {
  Headers out = response_without_body_fields(upstream);
  const auto id = find_header(out, "x-request-id");
  if (id && !find_header(out, "request-id")) out.push_back({"request-id", std::string(*id)});
  return out;
}

Result<TranslatedRequest> AnthropicToOpenaiChat::request(std::string_view body) const {
  return chat_request_of(body);
}

TranslatedResponse AnthropicToOpenaiChat::response(const AnswerTerms& terms, std::uint16_t status,
                                                   std::string_view body) const {
  TranslatedResponse out{status, "application/json", "", ""};
  if (status >= 400) {
    out.body = anthropic_body_of(status, read_complaint(body));
    return out;
  }
  const Result<Json> completion = parse_json(body);
  auto message = completion ? message_of_completion(*completion, terms) : std::nullopt;
  if (message && terms.streaming) {
    MessagesStream stream(terms);
    out.content_type = "text/event-stream; charset=utf-8";
    out.body = stream.chunk(as_chunk(*completion));
    out.body += stream.feed("data: [DONE]\n\n");
  } else if (message) {
    out.body = dump_json(*message);
  } else if (completion && !completion->at("error").is_null()) {
    const UpstreamComplaint complaint = read_complaint(body);
    out.status = inner_status(complaint);
    out.body = anthropic_body_of(out.status, complaint);
    out.error = "the upstream answered " + std::to_string(status) + " with an error inside";
  } else {
    out.status = 502;
    out.error = "the upstream's answer is no chat completion";
    out.body = error_body(out.status, out.error);
  }
  return out;
}

std::unique_ptr<StreamTranslator> AnthropicToOpenaiChat::stream(const AnswerTerms& terms) const {
  return std::make_unique<MessagesStream>(terms);
}

std::string AnthropicToOpenaiChat::error_body(std::uint16_t status,
                                              std::string_view message) const {
  return anthropic_error_body(status, message);
}

}  // namespace albicilla
