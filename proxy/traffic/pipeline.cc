#include "proxy/traffic/pipeline.h"

#include <utility>

#include "common/http/url.h"

namespace albicilla {
namespace {

SessionRequest session_request(const Exchange& exchange, std::string_view body) {
  return {exchange.head.headers, exchange.dialect->generates(), body, exchange.id};
}

Reply reply_of(const MiddlewareRefusal& refusal, ErrorShape shape) {
  Reply reply = error_reply(shape, refusal.status, refusal.code, refusal.message);
  if (refusal.retry_after_seconds) {
    reply.headers.push_back({"retry-after", std::to_string(*refusal.retry_after_seconds)});
  }
  return reply;
}

std::optional<Reply> ask_middlewares(TrafficParts& parts, Exchange& exchange) {
  if (parts.middlewares.empty()) return std::nullopt;
  exchange.upstream_headers = exchange.head.headers;
  MiddlewareRequest request{exchange.head.method,
                            split_target(exchange.head.target).path,
                            *exchange.upstream_headers,
                            exchange.session.id,
                            exchange.client_ip,
                            exchange.user_id,
                            exchange.started};
  for (const auto& middleware : parts.middlewares) {
    if (const auto refusal = middleware->on_request(request)) {
      return reply_of(*refusal, exchange.dialect->error_shape());
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> run_pipeline(TrafficParts& parts, Exchange& exchange) {
  auto session = resolve_session(parts.settings.session, session_request(exchange, {}),
                                 parts.session_secret());
  if (session) exchange.session = *session;
  // A missing key is said before a missing session.
  if (auto refused = ask_middlewares(parts, exchange)) return refused;
  if (session) return std::nullopt;
  return missing_session_reply(exchange.dialect->error_shape(), parts.settings.session.header);
}

bool session_needs_body(const TrafficParts& parts, const Exchange& exchange) {
  return session_needs_body(parts.settings.session, session_request(exchange, {}));
}

void resolve_session_of_body(const TrafficParts& parts, Exchange& exchange, std::string_view body) {
  auto session = resolve_session(parts.settings.session, session_request(exchange, body),
                                 parts.session_secret());
  if (session) exchange.session = *std::move(session);
}

}  // namespace albicilla
