#include "proxy/traffic/translatable_body.h"

#include <utility>

#include "common/http/content_coding.h"
#include "common/translate/count_tokens.h"
#include "proxy/traffic/plan.h"

namespace albicilla {

TranslatableBody translatable_body(const Exchange& exchange, std::string_view body,
                                   const TrafficSettings& settings) {
  const auto coding = find_header(exchange.head.headers, "content-encoding").value_or("");
  DecodedContent content = decode_content(body, coding, settings.limits.inspect_bytes);
  const ErrorShape shape = exchange.dialect->error_shape();
  if (content.outcome == Decoding::capped) {
    return {{}, error_reply(shape, 413, "request_too_large", "the request's body is too large")};
  }
  if (content.outcome != Decoding::whole) {
    return {{},
            error_reply(shape, 400, "bad_content_encoding",
                        "the request's body is not what its Content-Encoding says")};
  }
  TranslatableBody translatable{std::move(content.bytes), std::nullopt};
  if (auto named = with_default_model(translatable.text, settings.default_model)) {
    translatable.text = *std::move(named);
  }
  return translatable;
}

AnswerTerms terms_of(const Exchange& exchange) {
  AnswerTerms terms;
  terms.fallback_id = hex_text(exchange.id.bytes);
  terms.created =
      std::chrono::duration_cast<std::chrono::seconds>(exchange.started_at.time_since_epoch())
          .count();
  return terms;
}

Reply untranslatable(const Translation& translation, const Error& why) {
  Reply reply;
  reply.status = 400;
  reply.headers = {{"content-type", "application/json"},
                   {"x-should-retry", "false"},
                   {"x-albicilla-error", "not_translatable"}};
  reply.body = translation.error_body(400, why.message);
  return reply;
}

Reply token_count_reply(std::string_view json) {
  auto estimate = estimate_count_tokens(json);
  if (!estimate) {
    return error_reply(ErrorShape::anthropic, 400, "bad_request", estimate.error().message);
  }
  Reply reply;
  reply.headers = {{"content-type", "application/json"}, {"x-albicilla-estimate", "true"}};
  reply.body = *std::move(estimate);
  return reply;
}

}  // namespace albicilla
