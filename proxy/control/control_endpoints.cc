#include "proxy/control/control_endpoints.h"

#include <optional>

#include "common/base/version.h"
#include "proxy/control/access.h"
#include "proxy/control/metrics.h"

namespace albicilla {
namespace {

ControlReply json_reply(const Json& body, int status = 200) {
  return {status, dump_json(body), "application/json"};
}

ControlReply refusal(int status, std::string_view code, std::string_view message) {
  const std::string_view type = status >= 500   ? "server_error"
                                : status == 403 ? "permission_error"
                                                : "invalid_request_error";
  return json_reply(
      Json::object(
          {{"error", Json::object({{"message", message}, {"type", type}, {"code", code}})}}),
      status);
}

Visitor visitor_of(const ControlRequest& request) {
  return {request.peer, request.admin_token, request.authorization};
}

// nullopt: go on. The token comes before everything, so that nobody learns from an answer what
// only an admin may know.
std::optional<ControlReply> refuse_stranger(const Config& config, const ControlRequest& request) {
  if (config.admin_token.empty()) {
    return refusal(500, "admin_token_not_configured", "ADMIN_TOKEN not configured on server");
  }
  if (!is_admin(config, visitor_of(request))) {
    return refusal(403, "invalid_admin_token", "Invalid or missing x-admin-token header");
  }
  return std::nullopt;
}

constexpr std::size_t kMostSessionBytes = 4096;

std::string_view blank_removed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

ControlReply no_local_peer() {
  return refusal(403, "forbidden",
                 "only for peers of this host, or with the admin token (x-admin-token)");
}

ControlReply failed(const Error& error) {
  const bool theirs = error.fault == Fault::client;
  return refusal(theirs ? 400 : 500, "keys_file", error.message);
}

}  // namespace

ControlReply service_reply(const ControlSources& sources) {
  Json endpoints = Json::array();
  for (const char* path : {"/health", "/healthz", "/readyz", "/metrics", "/config", "/sessions",
                           "/admin/keys", "/admin/keys/upsert"}) {
    endpoints.push(path);
  }
  return json_reply(Json::object({{"service", "albicilla"},
                                  {"version", kVersion},
                                  {"upstream", sources.config()->upstream.base_url},
                                  {"endpoints", endpoints}}));
}

ControlReply health_reply(const ControlSources& sources) {
  return json_reply(Json::object({{"status", "healthy"},
                                  {"service", "albicilla"},
                                  {"upstream", sources.config()->upstream.base_url}}));
}

ControlReply healthz_reply(const ControlSources& sources) {
  return json_reply(
      Json::object({{"ok", true}, {"upstream", sources.config()->upstream.base_url}}));
}

ControlReply ready_reply(const ControlSources& sources) {
  const CounterSums sums = sources.counters();
  const bool reached = sources.sinks_reached();
  const bool room = sums.of(Gauge::spool_above_mark) == 0;
  const bool draining = sources.draining();
  const bool ready = reached && room && !draining;
  return json_reply(Json::object({{"ready", ready},
                                  {"sink_reached", reached},
                                  {"spool_has_room", room},
                                  {"draining", draining}}),
                    ready ? 200 : 503);
}

ControlReply metrics_reply(const ControlSources& sources, const ControlRequest& request) {
  const auto config = sources.config();
  if (!may_scrape(*config, visitor_of(request))) return no_local_peer();
  const MetricsPage page{sources.counters(), sources.tokens(), config->prices, sources.sessions()};
  if (request.accept.find("application/json") != std::string::npos) {
    return {200, metrics_json(page), "application/json"};
  }
  return {200, metrics_text(page), "text/plain; version=0.0.4; charset=utf-8"};
}

ControlReply config_reply(const ControlSources& sources, const ControlRequest& request) {
  const auto config = sources.config();
  if (!may_look(*config, visitor_of(request))) return no_local_peer();
  return json_reply(shown_config(*config));
}

ControlReply upsert_key_reply(const ControlSources& sources, const ControlRequest& request) {
  const auto config = sources.config();
  if (auto refused = refuse_stranger(*config, request)) return *refused;
  const auto item = parse_json(request.body);
  if (!item || !item->is_object()) {
    return refusal(422, "invalid_body", "the body must be a JSON object");
  }
  if (item->at("api_key").text().empty() || item->at("user_id").text().empty()) {
    return refusal(400, "missing_field", "api_key and user_id required");
  }
  const Status stored = KeyFile(sources.files, config->keys_file).upsert(*item);
  return stored ? json_reply(Json::object({{"ok", true}})) : failed(stored.error());
}

ControlReply list_keys_reply(const ControlSources& sources, const ControlRequest& request) {
  const auto config = sources.config();
  if (auto refused = refuse_stranger(*config, request)) return *refused;
  auto items = KeyFile(sources.files, config->keys_file).masked_items();
  return items ? json_reply(Json::object({{"keys", *items}})) : failed(items.error());
}

ControlReply remove_key_reply(const ControlSources& sources, const ControlRequest& request,
                              const std::string& user) {
  const auto config = sources.config();
  if (auto refused = refuse_stranger(*config, request)) return *refused;
  const auto found = KeyFile(sources.files, config->keys_file).remove(user);
  if (!found) return failed(found.error());
  if (!*found) return refusal(404, "no_such_user", "no key of that user");
  return json_reply(Json::object({{"ok", true}}));
}

ControlReply sessions_reply(const ControlSources& sources, const ControlRequest& request) {
  if (!may_look(*sources.config(), visitor_of(request))) return no_local_peer();
  // Predecessor A's clients call it without a body to say that something new begins.
  if (blank_removed(request.body).empty()) return {200, "", nullptr};
  const auto wish = parse_json(request.body);
  if (!wish || !wish->is_object()) {
    return refusal(422, "invalid_body", "the body must be a JSON object");
  }
  const Json& prefix = wish->at("session_prefix");
  const Json& id = wish->at("session_id");
  const std::string session(id.is_string() ? blank_removed(id.text()) : std::string_view{});
  if (session.empty() || session.size() > kMostSessionBytes) {
    return refusal(422, "invalid_session_id", "session_id must be a text of 1 to 4096 bytes");
  }
  if (!prefix.is_null() && !prefix.is_string()) {
    return refusal(422, "invalid_session_prefix", "session_prefix must be a text or null");
  }
  const std::string wanted(blank_removed(prefix.text()));
  if (wanted.size() > kMostSessionBytes) {
    return refusal(422, "invalid_session_prefix", "session_prefix must be 4096 bytes at most");
  }
  const Status set = sources.set_prefix(session, wanted);
  if (!set) return refusal(503, "sink_unavailable", set.error().message);
  return {200, "", nullptr};
}

ControlReply no_endpoint_reply() { return refusal(404, "not_found", "no such endpoint"); }

}  // namespace albicilla
