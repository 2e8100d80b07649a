// Everything the proxy can be told, as one value. Built once from flags, environment, YAML and .env
// (settings.h), checked as a whole, then never changed: a reload builds a new one and replaces it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/address_range.h"
#include "common/base/log.h"
#include "common/base/result.h"
#include "common/json/tree.h"
#include "common/redact/redaction_rule.h"

namespace albicilla {

// What an upstream speaks.
enum class UpstreamType { openai, anthropic };

struct UpstreamConfig {
  std::string base_url;  // without a trailing '/'
  UpstreamType type = UpstreamType::openai;
  std::string api_key;  // replaces the client's credential; empty: the client's own goes on
  bool operator==(const UpstreamConfig&) const = default;
};

// One of several upstreams, chosen by path prefix or by dialect; the first that applies wins.
struct RouteConfig {
  std::string name;
  std::string prefix;   // of the path, taken off before it goes upstream; empty: any
  std::string dialect;  // Dialect::name(); empty: any
  UpstreamConfig upstream;
  bool operator==(const RouteConfig&) const = default;
};

struct SessionConfig {
  std::string header = "agent-session-id";
  bool require_header = true;
  bool allow_bearer = false;
  bool strip_header = false;
  std::string secret;  // empty: the sink makes one
  // History-based sessions (predecessor D's block), decided in the sink.
  bool enabled = false;
  std::uint64_t max_sessions = 10'000;
  std::chrono::seconds ttl{3600};
  bool fuzzy_matching = false;
  double similarity_threshold = 0.85;
  std::uint64_t max_messages_for_new_session = 3;
  std::vector<std::string> reset_phrases;
  bool operator==(const SessionConfig&) const = default;
};

struct LoggingConfig {
  LogLevel level = LogLevel::info;
  bool json = false;
  std::string file;
  std::uint64_t max_file_bytes = 10U << 20;
  std::uint64_t backup_count = 5;
  bool operator==(const LoggingConfig&) const = default;
};

enum class DurabilityMode { spool, fsync, sink };
enum class OnFull { refuse, pass };

struct SpoolConfig {
  std::string directory;
  std::uint64_t limit_bytes = std::uint64_t{4} << 30;
  DurabilityMode durability = DurabilityMode::spool;
  OnFull on_full = OnFull::refuse;
  bool operator==(const SpoolConfig&) const = default;
};

struct LimitsConfig {
  std::uint64_t header_bytes = 64U << 10;
  std::uint64_t header_count = 200;
  std::uint64_t target_bytes = 32U << 10;
  std::uint64_t body_bytes = 0;  // 0: no limit
  std::uint64_t capture_bytes = 32U << 20;
  std::uint64_t connections = 10'000;              // per worker
  std::uint64_t connections_per_address = 0;       // 0: no limit
  std::uint64_t body_floor_bytes_per_second = 64;  // slower bodies are closed
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds idle_time{600'000};
  std::chrono::milliseconds connect_time{10'000};
  std::chrono::milliseconds first_byte_time{600'000};
  std::chrono::milliseconds drain_time{600'000};
  bool operator==(const LimitsConfig&) const = default;
};

struct MiddlewareConfig {
  std::string type;
  bool enabled = true;
  Json config;  // an object
  bool operator==(const MiddlewareConfig&) const = default;
};

// What a million tokens of a model cost; `model` is the name's beginning, the longest that fits
// counts.
struct ModelPrice {
  std::string model;
  double input = 0;
  double cached_input = 0;
  double output = 0;
  bool operator==(const ModelPrice&) const = default;
};

// What is taken out of bodies before they leave the worker for the log.
struct RedactionConfig {
  std::vector<RedactionRule> rules;
  std::string key_file;  // empty: no pseudonyms
  bool operator==(const RedactionConfig&) const = default;
};

struct Config {
  std::string host = "0.0.0.0";
  std::uint16_t port = 9000;
  std::string listen_unix;  // a path; instead of host and port
  std::uint32_t workers = 1;
  UpstreamConfig upstream;
  std::optional<UpstreamConfig> anthropic_upstream;
  std::vector<RouteConfig> routes;
  std::string default_model = "gpt-4o-mini";
  std::string log_root = "./proxy_logs";
  std::vector<std::string> sinks;  // empty: our own child
  std::vector<std::string> sink_acks;
  std::string sink_keys;  // directory with CURVE keys
  bool insecure_sink = false;
  bool accept_new_sink = false;
  std::vector<std::string> sinks_to_drain;    // "records" or "records,watermarks" each
  std::vector<std::string> layouts;           // beside session: NAME or NAME:DIR
  std::vector<std::string> sink_arguments;    // of our own child, as on its command line
  std::vector<std::string> sink_environment;  // "NAME=value" of .env, where it has none itself
  RedactionConfig redaction;
  SessionConfig session;
  std::string keys_file;
  std::string admin_token;
  std::vector<std::string> trusted_proxies;
  std::vector<AddressRange> metrics_allow;
  LoggingConfig logging;
  bool verbose = false;
  bool reload = false;
  std::string config_file;
  std::string tls_cert;
  std::string tls_key;
  std::string upstream_ca;
  SpoolConfig spool;
  LimitsConfig limits;
  bool drain_on_client_abort = false;
  bool resend_on_dead_connection = true;
  std::vector<MiddlewareConfig> middlewares;
  std::vector<ModelPrice> prices;
  bool bench_discard_log = false;  // benches only: no spool, no sink
  bool operator==(const Config&) const = default;

  bool own_sink() const { return sinks.empty(); }
};

// Checks and converts what settings.h gathered: an object of the settings' keys, each a string or
// an array of strings, and `middlewares`, `upstreams` as they stand in the YAML file. The first
// error names the setting, what was expected and what came.
Result<Config> build_config(const Json& settings);

// Part of build_config: the names of `redact`, then the rules of `redaction` as they stand in the
// YAML file.
Result<RedactionConfig> build_redaction(const Json& settings);

// What an operator should know at the start: an injected key that anybody may use, and the like.
std::vector<std::string> config_warnings(const Config& config);

// An error for what is asked for and is not in this version; unavailable_warnings for what can go
// without harm.
Status check_available(const Config& config);
std::vector<std::string> unavailable_warnings(const Config& config);

// The effective configuration without secrets, as GET /config shows it.
Json shown_config(const Config& config);

}  // namespace albicilla
