// What an operator must know of a configuration that is right in each of its parts. What would
// weaken somebody's security or lose something stops the start; the rest is warned of.
#include <algorithm>

#include "proxy/config/config.h"
#include "proxy/config/layout_middlewares.h"

namespace albicilla {

namespace {

bool is_loopback_sink(const std::string& sink) {
  return sink.starts_with("ipc://") || sink.starts_with("tcp://127.") ||
         sink.starts_with("tcp://localhost:") || sink.starts_with("tcp://[::1]:");
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

Status check_available(const Config& config) {
  const auto is_far = [](const std::string& sink) {
    return !is_loopback_sink(sink.substr(0, sink.find(',')));
  };
  const bool far_sink = std::ranges::any_of(config.sinks, is_far) ||
                        std::ranges::any_of(config.sinks_to_drain, is_far);
  if (far_sink && config.sink_keys.empty() && !config.insecure_sink) {
    return client_error(
        "--sink: a sink beyond loopback needs keys, name them with --sink-keys "
        "('albicilla-sink keys --help'); --insecure-sink sends records unencrypted");
  }
  return {};
}

std::vector<std::string> unavailable_warnings(const Config& config) {
  std::vector<std::string> warnings;
  if (!config.layouts.empty() && !config.own_sink()) {
    warnings.emplace_back("--layout with --sink: without effect here, name it to the sink");
  }
  if (names_layout(config) && !config.own_sink()) {
    warnings.emplace_back(
        "middlewares trace and message_logger with --sink: without effect here, name the layouts "
        "trace and messages to the sink");
  }
  return warnings;
}

std::vector<std::string> config_warnings(const Config& config) {
  std::vector<std::string> warnings;
  const bool injects = !config.upstream.api_key.empty() ||
                       (config.anthropic_upstream && !config.anthropic_upstream->api_key.empty());
  const bool open_to_others = config.listen_unix.empty() && !is_loopback(config.host);
  if (injects && open_to_others && config.keys_file.empty()) {
    warnings.push_back("anybody who reaches " + config.host +
                       " uses the injected API key: set --keys-file, or --host 127.0.0.1");
  }
  if (!config.keys_file.empty() && config.upstream.api_key.empty()) {
    warnings.emplace_back(
        "a keys file without --api-key: the client's key is checked and then forwarded upstream");
  }
  const auto& rules = config.redaction.rules;
  if (!rules.empty() && config.redaction.key_file.empty()) {
    warnings.emplace_back(
        "redaction without --redact-key-file: whatever is taken out looks the same");
  }
  if (config.insecure_sink) {
    warnings.emplace_back("--insecure-sink: records travel unencrypted and unauthenticated");
  }
  if (config.bench_discard_log) warnings.emplace_back("--bench-discard-log: nothing is logged");
  return warnings;
}

}  // namespace albicilla
