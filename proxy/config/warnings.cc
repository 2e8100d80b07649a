#include "proxy/config/config.h"

namespace albicilla {

namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

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
