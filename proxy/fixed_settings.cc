#include "proxy/fixed_settings.h"

#include <array>
#include <string_view>

namespace albicilla {
namespace {

constexpr auto kFixed = std::to_array<std::string_view>({
    "host",
    "port",
    "listen-unix",
    "workers",
    "log-root",
    "sink",
    "sink-ack",
    "sink-keys",
    "spool-dir",
    "layout",
    "commit-log",
    "shard",
    "seal",
    "store",
    "retention-days",
    "retention-size",
    "signing-key",
    "log-file",
    "log-file-size",
    "log-file-backups",
    "reload",
    "config",
    "bench-discard-log",
    "session.max-sessions",
    "session.ttl",
    "session.similarity",
});

}  // namespace

std::vector<std::string> keep_fixed(const Json& asked, const Json& in_force, Json& fresh) {
  std::vector<std::string> changed;
  for (const std::string_view key : kFixed) {
    if (fresh.at(key) != asked.at(key)) changed.emplace_back(key);
    fresh.erase(key);
    if (const Json* value = in_force.find(key)) fresh.set(key, *value);
  }
  return changed;
}

}  // namespace albicilla
