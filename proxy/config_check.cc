#include "proxy/config_check.h"

#include <array>

#include "common/io/file.h"
#include "proxy/control/key_ring.h"
#include "proxy/middleware/registry.h"
#include "proxy/outbox_settings.h"
#include "proxy/redaction_settings.h"
#include "proxy/traffic/tls_client.h"
#include "proxy/traffic/tls_server.h"
#include "proxy/traffic_settings.h"

namespace albicilla {

Status check_parts(const Config& config) {
  if (const Status available = check_available(config); !available) return available;
  if (const auto traffic = traffic_settings(config); !traffic) return traffic.error();
  if (const auto outbox = outbox_settings(config, 0, 0); !outbox) return outbox.error();
  if (const Status redaction = check_redaction(config.redaction); !redaction) return redaction;
  if (const auto tls = TlsClient::create(config.upstream_ca); !tls) return tls.error();
  if (!config.tls_cert.empty()) {
    const auto tls = TlsServer::create({config.tls_cert, config.tls_key});
    if (!tls) return tls.error();
  }
  DiskFileSystem files;
  WatchedKeys keys(files, config.keys_file);
  std::array<RateSlot, 1> slots;
  RateTable rates(slots);
  const MiddlewareParts parts{rates, config.keys_file.empty() ? nullptr : &keys,
                              [](std::string_view) {}};
  if (const auto made = make_middlewares(config.middlewares, parts); !made) return made.error();
  return {};
}

}  // namespace albicilla
