#include "proxy/config/config.h"
#include "proxy/config/settings.h"

namespace albicilla {

namespace {

// Names in a middleware's configuration whose values are nobody's business.
bool looks_secret(std::string_view name) {
  for (const std::string_view word : {"key", "token", "secret", "password", "authorization"}) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

Json without_secrets(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& element : value.elements()) list.push(without_secrets(element));
    return list;
  }
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (const auto& [name, member] : value.members()) {
    object.set(name, looks_secret(name) && !member.is_object() ? Json("[REDACTED]")
                                                               : without_secrets(member));
  }
  return object;
}

std::string_view word(UpstreamType type) {
  return type == UpstreamType::openai ? "openai" : "anthropic";
}

std::string_view word(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warning:
      return "WARNING";
    case LogLevel::error:
      return "ERROR";
  }
  return "INFO";
}

Json seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000; }

Json shown_upstream(const UpstreamConfig& upstream) {
  return Json::object({{"base_url", upstream.base_url},
                       {"type", word(upstream.type)},
                       {"api_key_configured", !upstream.api_key.empty()}});
}

Json shown_session(const SessionConfig& session) {
  return Json::object({{"enabled", session.enabled},
                       {"header", session.header},
                       {"require_header", session.require_header},
                       {"allow_bearer_token_fallback", session.allow_bearer},
                       {"max_sessions", session.max_sessions},
                       {"session_ttl_seconds", session.ttl.count()},
                       {"enable_fuzzy_matching", session.fuzzy_matching},
                       {"similarity_threshold", session.similarity_threshold}});
}

Json shown_logging(const LoggingConfig& logging) {
  return Json::object({{"level", word(logging.level)},
                       {"format", logging.json ? "json" : "text"},
                       {"file", logging.file.empty() ? Json(nullptr) : Json(logging.file)},
                       {"max_file_size", logging.max_file_bytes},
                       {"backup_count", logging.backup_count}});
}

}  // namespace

Json shown_config(const Config& config) {
  Json middlewares = Json::array();
  for (const MiddlewareConfig& middleware : config.middlewares) {
    middlewares.push(Json::object({{"type", middleware.type},
                                   {"enabled", middleware.enabled},
                                   {"config", without_secrets(middleware.config)}}));
  }
  Json llm = shown_upstream(config.upstream);
  llm.set("timeout", seconds(config.limits.first_byte_time));
  llm.set("model", config.default_model);
  Json shown = Json::object(
      {{"service", "albicilla"},
       {"server",
        Json::object({{"host", config.host}, {"port", config.port}, {"workers", config.workers}})},
       {"llm", llm}});
  if (config.anthropic_upstream) {
    shown.set("anthropic_upstream", shown_upstream(*config.anthropic_upstream));
  }
  Json routes = Json::array();
  for (const RouteConfig& route : config.routes) {
    Json element = shown_upstream(route.upstream);
    element.set("name", route.name).set("prefix", route.prefix).set("dialect", route.dialect);
    routes.push(element);
  }
  Json sinks = Json::array();
  for (const std::string& sink : config.sinks) sinks.push(sink);
  shown.set("upstreams", routes);
  shown.set("middlewares", middlewares);
  shown.set("interceptors", middlewares);
  shown.set("session", shown_session(config.session));
  shown.set("logging", shown_logging(config.logging));
  shown.set("log_root", config.log_root);
  Json rules = Json::array();
  for (const RedactionRule& rule : config.redaction.rules) rules.push(rule.name);
  shown.set("redaction",
            Json::object({{"rules", rules}, {"pseudonyms", !config.redaction.key_file.empty()}}));
  shown.set("sinks", sinks);
  shown.set("authentication", !config.keys_file.empty());
  return shown;
}

std::string example_yaml() {
  return R"(# Albicilla's configuration. Flags win over the environment, that over this file, that over ./.env.
# ${NAME} anywhere in a value is replaced from the environment. Every flag may stand here by name.

server:
  host: "127.0.0.1"
  port: 9000
  # workers: 2            # processes; default: one per core

llm:
  base_url: "https://api.openai.com"
  type: "openai"          # or anthropic: what the upstream speaks
  # api_key: "${LLM_API_KEY}"   # replaces the client's own credential

log_root: "./proxy_logs"
require_session_header: true

session:
  enabled: false          # true: sessions by conversation history, no header needed
  max_sessions: 10000
  session_ttl_seconds: 3600

middlewares:
  - type: "printer"
    enabled: false
    config:
      log_requests: true
      log_responses: true
      log_body: false

# redaction:              # taken out of logged bodies, never of the traffic
#   key_file: "redaction.key"   # pseudonyms instead of [REDACTED]; made when missing
#   rules:
#     - "email"           # also: api_key, token, card, iban
#     - {name: "ticket", pattern: 'TICKET-\d+', replace: "pseudonym"}
#     - {name: "prompt", path: "request.messages[*].content"}

logging:
  level: "INFO"
  format: "text"          # or json
)";
}

}  // namespace albicilla
