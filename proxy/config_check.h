// Whether everything that the configuration asks for can be built, before a worker is started with
// it: URLs, sinks, middlewares, certificates.
#pragma once

#include "common/base/result.h"
#include "proxy/config/config.h"

namespace albicilla {

// The first thing that cannot, with its name.
Status check_parts(const Config& config);

}  // namespace albicilla
