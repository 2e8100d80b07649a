// `api_key`: only clients with an active key of the keys file go on; the key's user is noted. The
// client's key is taken out of the request when the upstream gets another credential.
#pragma once

#include "proxy/control/key_ring.h"
#include "proxy/middleware/middleware.h"

namespace albicilla {

class ApiKey final : public Middleware {
 public:
  explicit ApiKey(WatchedKeys& keys) : keys_(keys) {}

  std::string_view type() const override { return "api_key"; }
  std::optional<MiddlewareRefusal> on_request(MiddlewareRequest& request) override;

 private:
  WatchedKeys& keys_;
};

}  // namespace albicilla
