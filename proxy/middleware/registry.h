// The middlewares that the configuration may name.
#pragma once

#include <functional>
#include <span>

#include "common/base/result.h"
#include "proxy/config/config.h"
#include "proxy/middleware/middleware.h"
#include "proxy/middleware/printer.h"
#include "proxy/middleware/rate_table.h"

namespace albicilla {

class WatchedKeys;

// What middlewares are built from; all must outlive them.
struct MiddlewareParts {
  RateTable& rates;
  WatchedKeys* keys = nullptr;  // nullptr: no keys file
  PrintLine print;
  // False while records wait: on_metered will come late.
  std::function<bool()> metered_soon = [] { return true; };
};

// In the order of the configuration; a keys file puts api_key in front when the list does not
// name it. The first wrong entry is an error.
Result<Middlewares> make_middlewares(std::span<const MiddlewareConfig> configs,
                                     const MiddlewareParts& parts);

}  // namespace albicilla
