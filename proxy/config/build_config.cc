#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include "common/base/nearest.h"
#include "proxy/config/config.h"
#include "proxy/config/layout_middlewares.h"
#include "proxy/config/settings.h"
#include "proxy/config/words.h"

namespace albicilla {

namespace {

// Predecessor D's, when the file names none.
constexpr std::array<std::string_view, 9> kResetPhrases = {
    "start over", "new conversation", "reset", "clear", "begin again", "fresh start", "new session",
    "new chat",   "forget everything"};

// Reads typed values out of the gathered settings and keeps the first error.
class SettingReader {
 public:
  explicit SettingReader(const Json& settings) : settings_(settings) {}

  const std::optional<Error>& error() const { return error_; }

  void refuse(std::string_view key, const std::string& expected, std::string_view got) {
    if (error_) return;
    error_ = client_error(where(key) + " must be " + expected + ", got '" +
                          std::string(is_secret(key) ? "***" : got) + "'");
  }

  std::string text(std::string_view key, std::string fallback = {}) const {
    const std::string_view value = settings_.at(key).text();
    return value.empty() ? fallback : std::string(value);
  }

  std::vector<std::string> list(std::string_view key) const {
    std::vector<std::string> words;
    for (const Json& word : settings_.at(key).elements()) words.emplace_back(word.text());
    return words;
  }

  void read(std::string_view key, bool& into) {
    if (const std::string value = text(key); !value.empty()) {
      const auto parsed = parse_yes_no(value);
      if (!parsed) return refuse(key, "true, false, 1, 0, yes or no", value);
      into = *parsed;
    }
  }

  void read_size(std::string_view key, std::uint64_t& into) {
    if (const std::string value = text(key); !value.empty()) {
      const auto parsed = parse_size(value);
      if (!parsed) return refuse(key, "a size such as 64KiB or 4GiB", value);
      into = *parsed;
    }
  }

  void read_time(std::string_view key, std::chrono::milliseconds& into) {
    if (const std::string value = text(key); !value.empty()) {
      const auto parsed = parse_time(value);
      if (!parsed || parsed->count() == 0) {
        return refuse(key, "a time such as 500ms, 10s or 10m", value);
      }
      into = *parsed;
    }
  }

  template <class Int>
  void read_count(std::string_view key, Int& into, std::uint64_t least, std::uint64_t most) {
    if (const std::string value = text(key); !value.empty()) {
      const auto parsed = parse_count(value);
      if (!parsed || *parsed < least || *parsed > most) {
        return refuse(key, std::to_string(least) + " to " + std::to_string(most), value);
      }
      into = static_cast<Int>(*parsed);
    }
  }

  // `words` in the order of the enum's values.
  template <class Enum>
  void read_word(std::string_view key, Enum& into, std::initializer_list<std::string_view> words) {
    const std::string value = text(key);
    if (value.empty()) return;
    int index = 0;
    std::string all;
    for (const std::string_view word : words) {
      if (value == word) {
        into = static_cast<Enum>(index);
        return;
      }
      all += (index++ == 0 ? "" : ", ") + std::string(word);
    }
    refuse(key, "one of " + all, value);
  }

  void read_url(std::string_view key, std::string& into) {
    std::string value = text(key);
    if (value.empty()) return;
    while (value.ends_with('/')) value.pop_back();
    const bool has_scheme = value.starts_with("http://") || value.starts_with("https://");
    if (!has_scheme || value.size() <= value.find("//") + 2) {
      return refuse(key, "a URL that begins with http:// or https://", value);
    }
    into = value;
  }

 private:
  // The name under which the user said it, as far as is known.
  std::string where(std::string_view key) const {
    const std::string_view from = settings_.at("from." + std::string(key)).text();
    if (!from.empty()) return std::string(from);
    const Setting* setting = find_setting(key);
    if (setting == nullptr) return std::string(key);
    return setting->names.empty() ? std::string(setting->yaml) : "--" + std::string(key);
  }

  static bool is_secret(std::string_view key) {
    const Setting* setting = find_setting(key);
    return setting != nullptr && setting->secret;
  }

  const Json& settings_;
  std::optional<Error> error_;
};

void read_basics(SettingReader& read, Config& config) {
  config.host = read.text("host", config.host);
  read.read_count("port", config.port, 1, 65535);
  config.listen_unix = read.text("listen-unix");
  config.workers = std::max(1U, std::thread::hardware_concurrency());
  read.read_count("workers", config.workers, 1, 256);
  read.read_url("upstream", config.upstream.base_url);
  read.read_word("type", config.upstream.type, {"openai", "anthropic"});
  if (!read.text("anthropic-upstream").empty()) {
    config.anthropic_upstream = UpstreamConfig{{}, UpstreamType::anthropic, {}};
    read.read_url("anthropic-upstream", config.anthropic_upstream->base_url);
    config.anthropic_upstream->api_key = read.text("anthropic-api-key");
  }
  config.default_model = read.text("model", config.default_model);
  config.tls_cert = read.text("tls-cert");
  config.tls_key = read.text("tls-key");
  config.upstream_ca = read.text("upstream-ca");
  config.config_file = read.text("config");
  read.read("reload", config.reload);
  if (config.upstream.base_url.empty() && !read.error()) {
    read.refuse("upstream", "set (for example https://api.openai.com)", "");
  }
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    read.refuse("tls-key", "given together with --tls-cert", read.text("tls-key"));
  }
}

// What the own sink is started with. Checked here too: a sink that does not start is found late.
void read_sink_flags(SettingReader& read, std::vector<std::string>& arguments) {
  enum class Seal { off, plain, zstd } seal = Seal::plain;
  read.read_word("seal", seal, {"off", "plain", "zstd"});
  std::uint64_t number = 0;
  read.read_count("retention-days", number, 0, 1'000'000);
  read.read_size("retention-size", number);
  for (const char* flag : {"shard", "keep-wire"}) {
    bool asked = false;
    read.read(flag, asked);
    if (asked) arguments.push_back("--" + std::string(flag));
  }
  for (const char* flag : {"layout", "store"}) {
    for (const std::string& value : read.list(flag)) {
      arguments.insert(arguments.end(), {"--" + std::string(flag), value});
    }
  }
  for (const char* flag :
       {"commit-log", "seal", "retention-days", "retention-size", "signing-key"}) {
    const std::string value = read.text(flag);
    if (!value.empty()) arguments.insert(arguments.end(), {"--" + std::string(flag), value});
  }
}

void read_logs(SettingReader& read, Config& config) {
  config.log_root = read.text("log-root", config.log_root);
  config.sinks = read.list("sink");
  config.sink_acks = read.list("sink-ack");
  config.sink_keys = read.text("sink-keys");
  for (const std::string& sink : config.sinks) {
    if (!sink.starts_with("tcp://") && !sink.starts_with("ipc://")) {
      read.refuse("sink", "tcp://host:port or ipc://path", sink);
    }
  }
  config.sinks_to_drain = read.list("sink-drain");
  for (const std::string& sink : config.sinks_to_drain) {
    if (!sink.starts_with("tcp://") && !sink.starts_with("ipc://")) {
      read.refuse("sink-drain",
                  "tcp://host:port or ipc://path, perhaps with ',' and where it "
                  "publishes watermarks",
                  sink);
    }
  }
  if (!config.sink_acks.empty() && config.sink_acks.size() != config.sinks.size()) {
    read.refuse("sink-ack", "given once for every --sink", config.sink_acks.front());
  }
  read.read("insecure-sink", config.insecure_sink);
  read.read("accept-new-sink", config.accept_new_sink);
  config.spool.directory =
      read.text("spool-dir", config.own_sink() ? config.log_root + "/.spool" : "./spool");
  read.read_size("spool-limit", config.spool.limit_bytes);
  read.read_word("durability", config.spool.durability, {"spool", "fsync", "sink"});
  read.read_word("on-full", config.spool.on_full, {"refuse", "pass"});
  read.read_size("capture-limit", config.limits.capture_bytes);
  config.layouts = read.list("layout");
  read_sink_flags(read, config.sink_arguments);
  config.sink_environment = read.list("sink.environment");
  read.read("bench-discard-log", config.bench_discard_log);
}

void read_session(SettingReader& read, SessionConfig& session) {
  session.header = read.text("session-header", session.header);
  read.read("require-session-header", session.require_header);
  read.read("allow-bearer-token-fallback", session.allow_bearer);
  read.read("strip-session-header", session.strip_header);
  session.secret = read.text("session-secret");
  read.read("session.enabled", session.enabled);
  session.fuzzy_matching = session.enabled;
  read.read("session.fuzzy", session.fuzzy_matching);
  read.read_count("session.max-sessions", session.max_sessions, 100, 100'000'000);
  std::uint64_t ttl = 3600;
  read.read_count("session.ttl", ttl, 60, 100'000'000);
  session.ttl = std::chrono::seconds(ttl);
  read.read_count("session.new-messages", session.max_messages_for_new_session, 0, 1000);
  session.reset_phrases = read.list("session.reset-phrases");
  if (session.reset_phrases.empty())
    session.reset_phrases = {kResetPhrases.begin(), kResetPhrases.end()};
  for (std::string& phrase : session.reset_phrases) {
    std::transform(phrase.begin(), phrase.end(), phrase.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  if (const std::string value = read.text("session.similarity"); !value.empty()) {
    const auto parsed = parse_json(value);
    const auto number = parsed ? parsed->number() : std::nullopt;
    if (!number || *number < 0 || *number > 1)
      return read.refuse("session.similarity", "0 to 1", value);
    session.similarity_threshold = *number;
  }
}

// Sessions by history are the sink's work: our own child is told what the file says of them.
void pass_session_rules(const SessionConfig& session, std::vector<std::string>& arguments) {
  arguments.insert(arguments.end(),
                   {"--session-most", std::to_string(session.max_sessions), "--session-ttl",
                    std::to_string(session.ttl.count()), "--session-similarity",
                    std::to_string(session.similarity_threshold), "--session-new-messages",
                    std::to_string(session.max_messages_for_new_session)});
  if (session.fuzzy_matching) arguments.emplace_back("--session-fuzzy");
}

void read_keys(SettingReader& read, Config& config) {
  config.upstream.api_key = read.text("api-key");
  if (const std::string path = read.text("api-key-file");
      !path.empty() && config.upstream.api_key.empty()) {
    std::ifstream file(path);
    std::string key;
    if (!(file >> key)) return read.refuse("api-key-file", "a readable file with a key", path);
    config.upstream.api_key = key;
  }
  config.keys_file = read.text("keys-file");
  config.admin_token = read.text("admin-token");
  config.trusted_proxies = read.list("trusted-proxy");
  for (const std::string& text : read.list("metrics-allow")) {
    const auto range = AddressRange::parse(text);
    if (!range) return read.refuse("metrics-allow", "an address range such as 10.0.0.0/8", text);
    config.metrics_allow.push_back(*range);
  }
}

void read_limits(SettingReader& read, Config& config) {
  LimitsConfig& limits = config.limits;
  read.read_count("max-connections", limits.connections, 1, 1'000'000);
  read.read_count("max-connections-per-address", limits.connections_per_address, 0, 1'000'000);
  read.read_size("header-limit", limits.header_bytes);
  read.read_time("header-timeout", limits.header_time);
  read.read_size("body-limit", limits.body_bytes);
  read.read_size("body-floor", limits.body_floor_bytes_per_second);
  read.read_time("idle-timeout", limits.idle_time);
  read.read_time("connect-timeout", limits.connect_time);
  read.read_time("first-byte-timeout", limits.first_byte_time);
  read.read_time("drain-timeout", limits.drain_time);
  std::uint64_t retries = 3;
  read.read_count("max-retries", retries, 0, 100);
  config.resend_on_dead_connection = retries > 0;
  enum class Abort { cancel, drain } abort = Abort::cancel;
  read.read_word("on-client-abort", abort, {"cancel", "drain"});
  config.drain_on_client_abort = abort == Abort::drain;
}

void read_logging(SettingReader& read, Config& config) {
  read.read("verbose", config.verbose);
  if (const std::string level = read.text("log-level");
      !level.empty() && !parse_log_level(level, config.logging.level)) {
    read.refuse("log-level", "one of debug, info, warning, error", level);
  }
  if (config.verbose) config.logging.level = LogLevel::debug;
  enum class Format { text, json } format = Format::text;
  read.read_word("log-format", format, {"text", "json"});
  config.logging.json = format == Format::json;
  config.logging.file = read.text("log-file");
  read.read_size("log-file-size", config.logging.max_file_bytes);
  read.read_count("log-file-backups", config.logging.backup_count, 0, 1000);
}

void read_middlewares(SettingReader& read, const Json& settings, Config& config) {
  const std::vector<std::string> known = {"trace",        "printer", "rate_limit",
                                          "header_rules", "api_key", "message_logger"};
  for (const Json& element : settings.at("middlewares").elements()) {
    MiddlewareConfig middleware;
    middleware.type = element.at("type").text();
    if (std::find(known.begin(), known.end(), middleware.type) == known.end()) {
      return read.refuse("middlewares[].type",
                         "a known middleware" + did_you_mean(middleware.type, known),
                         middleware.type);
    }
    middleware.enabled = element.at("enabled").boolean().value_or(true);
    middleware.config = element.at("config").is_object() ? element.at("config") : Json::object();
    config.middlewares.push_back(std::move(middleware));
  }
}

void read_routes(SettingReader& read, const Json& settings, Config& config) {
  for (const Json& element : settings.at("upstreams").elements()) {
    SettingReader inner(element);
    RouteConfig route;
    route.name = element.at("name").text();
    route.prefix = element.at("prefix").text();
    route.dialect = element.at("dialect").text();
    inner.read_url("base_url", route.upstream.base_url);
    inner.read_word("type", route.upstream.type, {"openai", "anthropic"});
    route.upstream.api_key = element.at("api_key").text();
    if (inner.error() || route.upstream.base_url.empty()) {
      return read.refuse("upstreams[].base_url", "a URL that begins with http:// or https://",
                         element.at("base_url").text());
    }
    if (!route.prefix.empty() && !route.prefix.starts_with('/')) {
      return read.refuse("upstreams[].prefix", "a path that begins with /", route.prefix);
    }
    config.routes.push_back(std::move(route));
  }
}

void read_prices(SettingReader& read, const Json& settings, Config& config) {
  for (const auto& [model, price] : settings.at("prices").members()) {
    ModelPrice row{model, 0, 0, 0};
    for (const auto& [name, value] : price.members()) {
      double* into = name == "input"          ? &row.input
                     : name == "cached_input" ? &row.cached_input
                     : name == "output"       ? &row.output
                                              : nullptr;
      const auto number = value.number();
      if (into == nullptr) {
        return read.refuse("prices." + model, "input, cached_input and output", name);
      }
      if (!number || *number < 0) {
        return read.refuse("prices." + model + "." + name, "a price of a million tokens",
                           value.is_string() ? value.text() : dump_json(value));
      }
      *into = *number;
    }
    if (price.find("cached_input") == nullptr) row.cached_input = row.input;
    config.prices.push_back(std::move(row));
  }
}

}  // namespace

Result<Config> build_config(const Json& settings) {
  Config config;
  SettingReader read(settings);
  read_basics(read, config);
  read_logs(read, config);
  read_session(read, config.session);
  if (config.session.enabled) pass_session_rules(config.session, config.sink_arguments);
  read_keys(read, config);
  read_limits(read, config);
  read_logging(read, config);
  read_middlewares(read, settings, config);
  read_routes(read, settings, config);
  read_prices(read, settings, config);
  if (read.error()) return *read.error();
  auto redaction = build_redaction(settings);
  if (!redaction) return redaction.error();
  config.redaction = *std::move(redaction);
  if (const Status layouts = add_layouts_of_middlewares(config); !layouts) return layouts.error();
  return config;
}

}  // namespace albicilla
