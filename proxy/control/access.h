// Who may use the endpoints that are not for everybody. Pure.
#pragma once

#include <string_view>

#include "proxy/config/config.h"

namespace albicilla {

struct Visitor {
  std::string_view peer;           // address, "unix" for a Unix socket
  std::string_view admin_token;    // of x-admin-token
  std::string_view authorization;  // Bearer, the other way to show it
};

// Shows the configured admin token; false while none is configured. In constant time.
bool is_admin(const Config& config, const Visitor& visitor);
// A peer of this host, or an admin.
bool may_look(const Config& config, const Visitor& visitor);
// Those, or a peer of --metrics-allow.
bool may_scrape(const Config& config, const Visitor& visitor);

}  // namespace albicilla
