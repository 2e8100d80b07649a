// What is counted, as a Prometheus page and as JSON. Labels that OpenTelemetry's conventions for
// generative AI have a name for carry it. Pure; prometheus-cpp stays behind metrics.cc.
#pragma once

#include <string>
#include <vector>

#include "common/base/counters.h"
#include "common/base/token_table.h"
#include "common/record/wire.h"
#include "proxy/config/config.h"

namespace albicilla {

struct MetricsPage {
  CounterSums sums;
  TokenSums tokens;
  std::vector<ModelPrice> prices;  // empty: no costs on the page
  SessionCounts sessions;
};

std::string metrics_text(const MetricsPage& page);
std::string metrics_json(const MetricsPage& page);

// What a model's tokens cost by the price that fits its name best; 0 when none does.
double cost_of(const TokenCount& tokens, const std::vector<ModelPrice>& prices);

}  // namespace albicilla
