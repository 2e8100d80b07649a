// Settings that are read and checked, but whose part is not in this version. What would weaken
// somebody's security or lose something must stop the start; the rest is warned of. A line goes
// from here when its part comes.
#include <algorithm>

#include "proxy/config/config.h"

namespace albicilla {

namespace {

bool is_loopback_sink(const std::string& sink) {
  return sink.starts_with("ipc://") || sink.starts_with("tcp://127.") ||
         sink.starts_with("tcp://localhost:") || sink.starts_with("tcp://[::1]:");
}

bool names_middleware(const Config& config, std::string_view type) {
  return std::any_of(config.middlewares.begin(), config.middlewares.end(),
                     [&](const MiddlewareConfig& m) { return m.enabled && m.type == type; });
}

}  // namespace

Status check_available(const Config& config) {
  const bool far_sink = std::any_of(config.sinks.begin(), config.sinks.end(),
                                    [](const std::string& s) { return !is_loopback_sink(s); });
  if (far_sink && config.sink_keys.empty() && !config.insecure_sink) {
    return client_error(
        "--sink: a sink beyond loopback needs keys, name them with --sink-keys "
        "('albicilla-sink keys --help'); --insecure-sink sends records unencrypted");
  }
  return {};
}

std::vector<std::string> unavailable_warnings(const Config& config) {
  std::vector<std::string> warnings;
  const auto warn = [&](bool asked, const std::string& what) {
    if (asked) warnings.push_back(what + ": not in this version yet, without effect");
  };
  warn(!config.layouts.empty() && !config.own_sink(), "--layout with --sink: name it to the sink");
  warn(names_middleware(config, "trace"), "middleware trace");
  warn(names_middleware(config, "message_logger"), "middleware message_logger");
  return warnings;
}

}  // namespace albicilla
