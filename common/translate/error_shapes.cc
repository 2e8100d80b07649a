#include "common/translate/error_shapes.h"

#include <utility>

#include "common/json/scan.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostQuoted = 500;

// OpenAI's error types, by status where the upstream's own word means nothing to its clients.
std::string_view openai_error_type(std::uint16_t status) {
  if (status == 429) return "rate_limit_error";
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status < 500) return "invalid_request_error";
  return "server_error";
}

std::string beginning_of(std::string_view body) {
  if (!is_utf8(body)) return "the upstream answered with an error whose body is not text";
  if (body.size() > kMostQuoted) {
    std::size_t end = kMostQuoted;
    while (end > 0 && (static_cast<unsigned char>(body[end]) & 0xC0) == 0x80) --end;
    body = body.substr(0, end);
  }
  return body.empty() ? "the upstream answered with an error and no body" : std::string(body);
}

}  // namespace

std::string_view anthropic_error_type(std::uint16_t status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 408:
    case 504:
      return "timeout_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

Json anthropic_error(std::string_view type, std::string_view message) {
  return Json::object(
      {{"type", "error"}, {"error", Json::object({{"type", type}, {"message", message}})}});
}

Json openai_error(std::string_view type, std::string_view message) {
  return Json::object(
      {{"error",
        Json::object(
            {{"message", message}, {"type", type}, {"param", nullptr}, {"code", nullptr}})}});
}

UpstreamComplaint read_complaint(std::string_view body) {
  UpstreamComplaint complaint;
  const Result<Json> parsed = parse_json(body);
  // Some gateways answer with a list of one.
  const Json root = !parsed                                             ? Json()
                    : parsed->is_array() && !parsed->elements().empty() ? parsed->elements().front()
                                                                        : *parsed;
  const Json& error = root.at("error");
  if (error.is_object()) {
    complaint.message = error.at("message").text();
    complaint.type = error.at("type").text();
    complaint.code = error.at("code");
    complaint.param = error.at("param");
  } else if (error.is_string()) {
    complaint.message = error.text();
  } else {  // FastAPI's way, and that of others
    for (const char* name : {"message", "detail"}) {
      if (complaint.message.empty()) complaint.message = root.at(name).text();
    }
  }
  if (complaint.message.empty()) complaint.message = beginning_of(body);
  return complaint;
}

std::string anthropic_error_body(std::uint16_t status, std::string_view message) {
  Json body = anthropic_error(anthropic_error_type(status), message);
  if (message == kThreadRefusal) {
    body.find("error")->set("details", Json::object({{"error_code", "thread_not_found"}}));
  }
  return dump_json(body);
}

std::string openai_error_body(std::uint16_t status, std::string_view message) {
  return dump_json(openai_error(openai_error_type(status), message));
}

std::string anthropic_body_of(std::uint16_t status, const UpstreamComplaint& complaint) {
  return dump_json(anthropic_error(anthropic_error_type(status), complaint.message));
}

std::string openai_body_of(std::uint16_t status, const UpstreamComplaint& complaint) {
  Json body = openai_error(
      complaint.type.empty() ? openai_error_type(status) : std::string_view(complaint.type),
      complaint.message);
  body.find("error")->set("param", complaint.param);
  body.find("error")->set("code", complaint.code);
  return dump_json(body);
}

}  // namespace albicilla
