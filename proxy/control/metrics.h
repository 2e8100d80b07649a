// The counters as a Prometheus page and as JSON. Pure; prometheus-cpp stays behind metrics.cc.
#pragma once

#include <string>

#include "common/base/counters.h"

namespace albicilla {

std::string metrics_text(const CounterSums& sums);
std::string metrics_json(const CounterSums& sums);

}  // namespace albicilla
