#include "proxy/traffic/plan.h"

#include <algorithm>
#include <array>

#include "common/http/url.h"
#include "proxy/traffic/hop_fields.h"

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

const Upstream& upstream_for(const TrafficSettings& settings, const PlanRequest& request) {
  if (!settings.anthropic_upstream) return settings.upstream;
  const std::string_view path = split_target(request.head.target).path;
  const bool anthropic = path == "/v1/messages" || path.starts_with("/v1/messages/") ||
                         find_header(request.head.headers, "anthropic-version").has_value();
  return anthropic ? *settings.anthropic_upstream : settings.upstream;
}

// Fields that stay, in their order and spelling; what we own is replaced where it stood.
void append_request_fields(std::string& out, const TrafficSettings& settings,
                           const PlanRequest& request, const Plan& plan) {
  const Upstream& upstream = *plan.upstream;
  const HopFields hop(request.head.headers);
  bool has_host = false;
  bool credential_said = upstream.api_key.empty();
  for (const Header& field : request.head.headers) {
    if (same_name(field.name, "host")) {
      append_field(out, field.name, host_field(upstream.url));
      has_host = true;
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
  plan.upstream = &upstream_for(settings, request);
  plan.head.reserve(1024);
  plan.head.append(request.head.method).append(" ");
  plan.head.append(join_target(plan.upstream->url, request.head.target)).append(" HTTP/1.1\r\n");
  append_request_fields(plan.head, settings, request, plan);
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

bool needs_body(const TrafficSettings& settings, const RequestHead& head, const Dialect& dialect) {
  if (!dialect.generates()) return false;
  const bool has_body = find_header(head.headers, "transfer-encoding").has_value() ||
                        find_header(head.headers, "content-length").has_value();
  if (!has_body || find_header(head.headers, "content-encoding")) return false;
  return !settings.default_model.empty();
}

}  // namespace albicilla
