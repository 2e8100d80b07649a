#include "proxy/traffic/own_reply.h"

#include <nlohmann/json.hpp>

namespace albicilla {
namespace {

using Json = nlohmann::ordered_json;

std::string_view error_type(ErrorShape shape, std::uint16_t status) {
  const bool anthropic = shape == ErrorShape::anthropic;
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return anthropic ? "not_found_error" : "invalid_request_error";
    case 413:
      return anthropic ? "request_too_large" : "invalid_request_error";
    case 429:
      return "rate_limit_error";
    case 503:
      return anthropic ? "overloaded_error" : "server_error";
    default:
      if (status < 500) return "invalid_request_error";
      return anthropic ? "api_error" : "server_error";
  }
}

// Whether the same request may succeed later, for SDKs that ask (x-should-retry).
bool worth_retrying(std::uint16_t status) {
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

Json error_body(ErrorShape shape, std::uint16_t status, std::string_view code,
                std::string_view message) {
  const std::string_view type = error_type(shape, status);
  if (shape == ErrorShape::anthropic) {
    return {{"type", "error"}, {"error", {{"type", type}, {"message", message}}}};
  }
  return {{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", code}}}};
}

Reply reply_of(std::uint16_t status, std::string_view code, const Json& body) {
  Reply reply;
  reply.status = status;
  // Foreign text never stands in these bodies; `replace` only keeps a mistake from throwing.
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  reply.headers = {{"content-type", "application/json"},
                   {"x-should-retry", worth_retrying(status) ? "true" : "false"},
                   {"x-albicilla-error", std::string(code)}};
  return reply;
}

}  // namespace

Reply error_reply(ErrorShape shape, std::uint16_t status, std::string_view code,
                  std::string_view message) {
  return reply_of(status, code, error_body(shape, status, code, message));
}

Reply missing_session_reply(ErrorShape shape, std::string_view session_header) {
  constexpr std::string_view kCode = "missing_session_header";
  Json body = error_body(shape, 400, kCode, "Missing required session header.");
  body["required_headers"] = Json::array({session_header, "X-Session-Id"});
  body["hint"] =
      "Provide a session header or disable enforcement with --no-require-session-header.";
  return reply_of(400, kCode, body);
}

}  // namespace albicilla
