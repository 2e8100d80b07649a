// From the configuration to what the data plane is told.
#pragma once

#include "common/base/result.h"
#include "proxy/config/config.h"
#include "proxy/traffic/settings.h"

namespace albicilla {

// The error says which base URL is not one.
Result<TrafficSettings> traffic_settings(const Config& config);

}  // namespace albicilla
