#include "proxy/middleware/api_key.h"

namespace albicilla {

std::optional<MiddlewareRefusal> ApiKey::on_request(MiddlewareRequest& request) {
  const std::string_view key =
      shown_key(find_header(request.headers, "x-api-key").value_or(std::string_view{}),
                find_header(request.headers, "authorization").value_or(std::string_view{}));
  if (key.empty()) {
    return MiddlewareRefusal{401,
                             "missing_api_key",
                             "missing api key: send it as x-api-key or Authorization: Bearer",
                             {}};
  }
  const auto user = keys_.snapshot().user_of(key);
  if (!user) return MiddlewareRefusal{401, "invalid_api_key", "invalid api key", {}};
  request.user_id = *user;
  return std::nullopt;
}

}  // namespace albicilla
