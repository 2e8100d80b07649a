#include "proxy/middleware/registry.h"

#include <algorithm>

#include "proxy/middleware/api_key.h"
#include "proxy/middleware/header_rules.h"
#include "proxy/middleware/rate_limit.h"

namespace albicilla {

namespace {

using Made = Result<std::unique_ptr<Middleware>>;
using Make = Made (*)(const Json& config, const MiddlewareParts& parts);

Made make_api_key(const Json&, const MiddlewareParts& parts) {
  if (parts.keys == nullptr) return client_error("api_key: needs --keys-file");
  return std::unique_ptr<Middleware>(std::make_unique<ApiKey>(*parts.keys));
}
Made make_rate_limit(const Json& config, const MiddlewareParts& parts) {
  return RateLimit::make(config, {parts.rates, parts.metered_soon});
}
Made make_header_rules(const Json& config, const MiddlewareParts&) {
  return HeaderRules::make(config);
}
Made make_printer(const Json& config, const MiddlewareParts& parts) {
  return Printer::make(config, parts.print);
}
// A layout of the sink, which the configuration switched on there; a worker has nothing to do.
Made make_layout_only(const Json&, const MiddlewareParts&) { return std::unique_ptr<Middleware>(); }

struct Entry {
  std::string_view type;
  Make make;
};

constexpr Entry kRegistry[] = {
    {"api_key", make_api_key},           {"rate_limit", make_rate_limit},
    {"header_rules", make_header_rules}, {"printer", make_printer},
    {"trace", make_layout_only},         {"message_logger", make_layout_only},
};

}  // namespace

Result<Middlewares> make_middlewares(std::span<const MiddlewareConfig> configs,
                                     const MiddlewareParts& parts) {
  Middlewares middlewares;
  const bool names_api_key =
      std::any_of(configs.begin(), configs.end(),
                  [](const MiddlewareConfig& c) { return c.enabled && c.type == "api_key"; });
  if (parts.keys != nullptr && !names_api_key) {
    middlewares.push_back(std::make_unique<ApiKey>(*parts.keys));
  }
  for (const MiddlewareConfig& config : configs) {
    if (!config.enabled) continue;
    const auto* entry = std::find_if(std::begin(kRegistry), std::end(kRegistry),
                                     [&](const Entry& e) { return e.type == config.type; });
    if (entry == std::end(kRegistry)) return client_error("unknown middleware " + config.type);
    auto made = entry->make(config.config, parts);
    if (!made) return made.error();
    if (*made) middlewares.push_back(*std::move(made));
  }
  return middlewares;
}

}  // namespace albicilla
