#include "proxy/traffic/plan.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/http/url.h"
#include "common/json/scan.h"
#include "common/json/walk.h"
#include "common/translate/registry.h"
#include "proxy/traffic/hop_fields.h"
#include "proxy/traffic/web_socket_handshake.h"

namespace albicilla {
namespace {

constexpr std::array<std::string_view, 3> kCredentials{"authorization", "x-api-key", "api-key"};

bool is_credential(std::string_view name) {
  return std::any_of(kCredentials.begin(), kCredentials.end(),
                     [&](std::string_view known) { return same_name(name, known); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_credential(std::string& out, const Upstream& upstream) {
  if (upstream.speaks == ErrorShape::anthropic) {
    append_field(out, "x-api-key", upstream.api_key);
  } else {
    append_field(out, "Authorization", "Bearer " + upstream.api_key);
  }
}

// "/a" is a prefix of "/a", "/a/b" and "/a?b", not of "/ab".
bool has_prefix(std::string_view target, std::string_view prefix) {
  if (!target.starts_with(prefix)) return false;
  const std::string_view rest = target.substr(prefix.size());
  return rest.empty() || rest.front() == '/' || rest.front() == '?' || prefix.empty();
}

struct Destination {
  const Upstream* upstream = nullptr;
  std::string_view target;  // without the route's prefix
};

const Upstream& upstream_for(const TrafficSettings& settings, const PlanRequest& request) {
  if (!settings.anthropic_upstream) return settings.upstream;
  const std::string_view path = split_target(request.head.target).path;
  const bool anthropic = path == "/v1/messages" || path.starts_with("/v1/messages/") ||
                         find_header(request.headers, "anthropic-version").has_value();
  return anthropic ? *settings.anthropic_upstream : settings.upstream;
}

Destination destination_of(const TrafficSettings& settings, const PlanRequest& request) {
  const std::string_view target = request.head.target;
  for (const Route& route : settings.routes) {
    if (!has_prefix(target, route.prefix)) continue;
    if (!route.dialect.empty() && route.dialect != request.dialect) continue;
    return {&route.upstream, target.substr(route.prefix.size())};
  }
  return {&upstream_for(settings, request), target};
}

// What is left of a target behind its prefix may have lost its first slash.
std::string origin_form(std::string_view target) {
  const bool whole = target.starts_with('/') || target == "*";
  return whole ? std::string(target) : "/" + std::string(target);
}

std::string as_one_chunk(std::string_view body) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), body.size(), 16).ptr;
  std::string wire(digits.data(), static_cast<std::size_t>(end - digits.data()));
  return wire.append("\r\n").append(body).append("\r\n0\r\n\r\n");
}

// Fields that stay, in their order and spelling; what we own is replaced where it stood.
void append_request_fields(std::string& out, const TrafficSettings& settings,
                           const PlanRequest& request, const Plan& plan) {
  const Upstream& upstream = *plan.upstream;
  const HopFields hop(request.headers);
  bool has_host = false;
  bool credential_said = upstream.api_key.empty();
  for (const Header& field : request.headers) {
    if (same_name(field.name, "host")) {
      append_field(out, field.name, host_field(upstream.url));
      has_host = true;
    } else if (plan.web_socket && same_name(field.name, "connection")) {
      append_field(out, field.name, "Upgrade");
    } else if (plan.web_socket && same_name(field.name, "upgrade")) {
      append_field(out, field.name, field.value);
    } else if (hop.contains(field.name)) {
      continue;
    } else if (!upstream.api_key.empty() && is_credential(field.name)) {
      if (!credential_said) append_credential(out, upstream);
      credential_said = true;
    } else if (plan.body && same_name(field.name, "content-length")) {
      append_field(out, field.name, std::to_string(plan.body->size()));
    } else if (settings.strip_session_header && same_name(field.name, settings.session.header)) {
      continue;
    } else {
      append_field(out, field.name, field.value);
    }
  }
  if (!has_host) append_field(out, "Host", host_field(upstream.url));
  if (!credential_said) append_credential(out, upstream);
}

}  // namespace

Plan make_plan(const TrafficSettings& settings, const PlanRequest& request) {
  Plan plan;
  const Destination to = destination_of(settings, request);
  plan.upstream = to.upstream;
  plan.web_socket = asks_for_web_socket(request.head);
  if (request.json) plan.body = with_default_model(*request.json, settings.default_model);
  const bool chunked = find_header(request.headers, "transfer-encoding").has_value();
  if (plan.body && chunked) plan.body = as_one_chunk(*plan.body);
  plan.head.reserve(1024);
  plan.head.append(request.head.method).append(" ");
  plan.head.append(join_target(plan.upstream->url, origin_form(to.target))).append(" HTTP/1.1\r\n");
  append_request_fields(plan.head, settings, request, plan);
  plan.head.append("\r\n");
  return plan;
}

const Translation* translation_for(const TrafficSettings& settings, const PlanRequest& request) {
  const Upstream& upstream = *destination_of(settings, request).upstream;
  const bool anthropic = upstream.speaks == ErrorShape::anthropic;
  return translation_between(request.dialect, anthropic ? "anthropic_messages" : "openai_chat");
}

bool asks_for_token_count(const TrafficSettings& settings, const PlanRequest& request) {
  return request.head.method == "POST" &&
         split_target(request.head.target).path.ends_with("/messages/count_tokens") &&
         destination_of(settings, request).upstream->speaks != ErrorShape::anthropic;
}

Result<Plan> make_translated_plan(const TrafficSettings& settings, const PlanRequest& request,
                                  const Translation& translation, const AnswerTerms& terms) {
  auto translated = translation.request(request.json.value_or(std::string_view()));
  if (!translated) return translated.error();
  Plan plan;
  plan.upstream = destination_of(settings, request).upstream;
  plan.body = std::move(translated->body);
  PlannedTranslation& planned = plan.translated.emplace();
  planned.translation = &translation;
  planned.terms = std::move(translated->terms);
  planned.terms.fallback_id = terms.fallback_id;
  planned.terms.created = terms.created;
  planned.record.append(translation.name()).append(" ");
  planned.record.append(translation.upstream_dialect()).append("\n");
  for (const std::string& note : translated->notes) planned.record.append(note).append("\n");
  Headers headers = translation.request_headers(request.headers);
  for (const char* framing : {"content-length", "transfer-encoding", "expect"}) {
    remove_header(headers, framing);
  }
  headers.push_back({"content-length", {}});  // its value is the plan's
  plan.head.append("POST ").append(join_target(plan.upstream->url, translation.upstream_path()));
  plan.head.append(" HTTP/1.1\r\n");
  append_request_fields(plan.head, settings, {request.head, headers, request.dialect, {}}, plan);
  plan.head.append("\r\n");
  return plan;
}

bool is_own_endpoint(std::string_view method, std::string_view path) {
  const bool read = method == "GET" || method == "HEAD";
  if (path == "/" || path == "/health" || path == "/healthz" || path == "/readyz" ||
      path == "/metrics" || path == "/config") {
    return read;
  }
  if (path == "/sessions") return method == "POST";
  // Whatever the method: an admin token must not reach an upstream because of a wrong verb.
  return path == "/admin/keys" || path.starts_with("/admin/keys/");
}

Plan make_control_plan(const TrafficSettings& settings, const Upstream& control,
                       const RequestHead& head, std::string_view client_ip) {
  Plan plan;
  plan.upstream = &control;
  plan.head.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  const HopFields hop(head.headers);
  for (const Header& field : head.headers) {
    if (hop.contains(field.name) || same_name(field.name, "x-albicilla-peer") ||
        same_name(field.name, "x-albicilla-control")) {
      continue;
    }
    append_field(plan.head, field.name, field.value);
  }
  append_field(plan.head, "x-albicilla-peer", client_ip);
  append_field(plan.head, "x-albicilla-control", settings.control.token);
  plan.head.append("Connection: close\r\n\r\n");
  return plan;
}

bool is_worth_reading(const RequestHead& head, const Dialect& dialect) {
  const bool has_body = find_header(head.headers, "transfer-encoding").has_value() ||
                        find_header(head.headers, "content-length").has_value();
  return dialect.generates() && has_body && !find_header(head.headers, "content-encoding");
}

std::optional<std::string> with_default_model(std::string_view json, std::string_view model) {
  if (model.empty()) return std::nullopt;
  const std::string_view said = json_member(json, "model");
  const bool names_one = json_kind(said) != JsonKind::absent && said != "null" && said != "\"\"";
  if (names_one) return std::nullopt;
  if (json_kind(json) != JsonKind::object || !check_json(json)) return std::nullopt;
  std::string value;
  append_json_string(value, model);
  std::string changed(json);
  if (!said.empty()) {
    changed.replace(static_cast<std::size_t>(said.data() - json.data()), said.size(), value);
    return changed;
  }
  const std::size_t brace = json.rfind('}');
  JsonMember first;
  const bool empty = !JsonMembers(json).next(first);
  changed.insert(brace, (empty ? "\"model\":" : ",\"model\":") + value);
  return changed;
}

}  // namespace albicilla
