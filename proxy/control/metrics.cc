#include "proxy/control/metrics.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace albicilla {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct CounterName {
  Counter counter;
  std::string_view name;
  std::string_view label;  // "ending=complete"; empty for none
  std::string_view help;
};

struct GaugeName {
  Gauge gauge;
  std::string_view name;
  std::string_view help;
};

// Rows of one name stand together.
constexpr auto kCounterNames = std::to_array<CounterName>({
    {Counter::connections, "albicilla_client_connections_total", "", "Connections accepted"},
    {Counter::requests, "albicilla_requests_total", "", "Exchanges begun, refused ones included"},
    {Counter::request_bytes, "albicilla_request_body_bytes_total", "", "Body bytes from clients"},
    {Counter::response_bytes, "albicilla_response_body_bytes_total", "",
     "Body bytes of upstreams' answers"},
    {Counter::framing_refused, "albicilla_framing_refused_total", "",
     "Requests that were not acceptable HTTP"},
    {Counter::responses_1xx, "albicilla_responses_total", "class=1xx",
     "Answers by the status that the client got"},
    {Counter::responses_2xx, "albicilla_responses_total", "class=2xx", ""},
    {Counter::responses_3xx, "albicilla_responses_total", "class=3xx", ""},
    {Counter::responses_4xx, "albicilla_responses_total", "class=4xx", ""},
    {Counter::responses_5xx, "albicilla_responses_total", "class=5xx", ""},
    {Counter::ending_complete, "albicilla_exchanges_total", "ending=complete",
     "Exchanges closed, by ending"},
    {Counter::ending_client_abort, "albicilla_exchanges_total", "ending=client_abort", ""},
    {Counter::ending_client_abort_after_end, "albicilla_exchanges_total",
     "ending=client_abort_after_end", ""},
    {Counter::ending_upstream_error, "albicilla_exchanges_total", "ending=upstream_error", ""},
    {Counter::ending_upstream_truncated, "albicilla_exchanges_total", "ending=upstream_truncated",
     ""},
    {Counter::ending_refused, "albicilla_exchanges_total", "ending=refused", ""},
    {Counter::ending_shutdown, "albicilla_exchanges_total", "ending=shutdown", ""},
    {Counter::ending_interrupted, "albicilla_exchanges_total", "ending=interrupted", ""},
    {Counter::upstream_connections, "albicilla_upstream_connections_total", "",
     "Connections made to upstreams"},
    {Counter::upstream_retries, "albicilla_upstream_retries_total", "",
     "Requests sent again because a kept connection had died"},
    {Counter::refused_spool_full, "albicilla_refused_spool_full_total", "",
     "Requests refused because the spool took no more"},
    {Counter::refusals_unlogged, "albicilla_refusals_unlogged_total", "",
     "Refusals beyond the rate that gets a record"},
    {Counter::records_sent, "albicilla_records_sent_total", "",
     "Records sent to the sink, repeats included"},
    {Counter::records_acknowledged, "albicilla_records_acknowledged_total", "",
     "Records that the sink has made durable"},
    {Counter::resend_rounds, "albicilla_resend_rounds_total", "",
     "Rounds of sending again what was lost on the way"},
    {Counter::exchanges_recovered, "albicilla_exchanges_recovered_total", "",
     "Exchanges found open in the spool of a worker that died"},
    {Counter::spool_gaps, "albicilla_spool_gaps_total", "", "Named gaps in the spool"},
    {Counter::watermarks_refused, "albicilla_watermarks_refused_total", "",
     "Watermarks of a foreign sink, or above what was sent"},
    {Counter::sessions_derived, "albicilla_sessions_derived_total", "",
     "Session ids that no header named"},
    {Counter::sub_agents, "albicilla_sub_agent_exchanges_total", "",
     "Exchanges of agents that another agent started"},
});

constexpr auto kGaugeNames = std::to_array<GaugeName>({
    {Gauge::connections_open, "albicilla_client_connections", "Connections of clients now"},
    {Gauge::exchanges_active, "albicilla_exchanges_active", "Exchanges under way now"},
    {Gauge::spool_bytes, "albicilla_spool_bytes", "Bytes in the spool now"},
    {Gauge::records_unacknowledged, "albicilla_records_unacknowledged",
     "Records that the sink has not made durable yet"},
});

struct HistogramName {
  Histogram histogram;
  std::string_view name;
  std::string_view help;
};

constexpr auto kHistogramNames = std::to_array<HistogramName>({
    {Histogram::duration, "albicilla_exchange_duration_seconds",
     "From the request's head to the last byte"},
    {Histogram::first_byte, "albicilla_first_byte_seconds",
     "From the request's head to the answer's first body byte"},
});

double seconds(std::uint64_t micros) { return static_cast<double>(micros) / 1e6; }

MetricFamily family_of(std::string_view name, std::string_view help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

void add_counters(std::vector<MetricFamily>& families, const CounterSums& sums) {
  for (const CounterName& row : kCounterNames) {
    if (families.empty() || families.back().name != row.name) {
      families.push_back(family_of(row.name, row.help, MetricType::Counter));
    }
    ClientMetric metric;
    metric.counter.value = static_cast<double>(sums.of(row.counter));
    if (const auto equals = row.label.find('='); equals != std::string_view::npos) {
      metric.label.push_back(
          {std::string(row.label.substr(0, equals)), std::string(row.label.substr(equals + 1))});
    }
    families.back().metric.push_back(std::move(metric));
  }
}

void add_gauges(std::vector<MetricFamily>& families, const CounterSums& sums) {
  for (const GaugeName& row : kGaugeNames) {
    families.push_back(family_of(row.name, row.help, MetricType::Gauge));
    ClientMetric metric;
    metric.gauge.value = static_cast<double>(sums.of(row.gauge));
    families.back().metric.push_back(std::move(metric));
  }
}

void add_histograms(std::vector<MetricFamily>& families, const CounterSums& sums) {
  for (const HistogramName& row : kHistogramNames) {
    families.push_back(family_of(row.name, row.help, MetricType::Histogram));
    const auto& latency = sums.histograms[static_cast<std::size_t>(row.histogram)];
    ClientMetric metric;
    metric.histogram.sample_count = latency.count;
    metric.histogram.sample_sum = seconds(latency.sum_microseconds);
    std::uint64_t up_to_here = 0;
    for (std::size_t i = 0; i < latency.buckets.size(); ++i) {
      up_to_here += latency.buckets[i];
      const double bound = i < kLatencyBounds.size() ? seconds(kLatencyBounds[i])
                                                     : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({up_to_here, bound});
    }
    families.back().metric.push_back(std::move(metric));
  }
}

void add_sample(MetricFamily& family, double value, std::vector<ClientMetric::Label> labels) {
  ClientMetric metric;
  metric.counter.value = value;
  metric.label = std::move(labels);
  family.metric.push_back(std::move(metric));
}

struct SessionCountName {
  std::string_view name;
  std::string_view help;
  std::uint64_t SessionCounts::*count;
  MetricType type = MetricType::Counter;
};

constexpr auto kSessionCountNames = std::to_array<SessionCountName>({
    {"albicilla_sessions_active", "Sessions by history that may go on", &SessionCounts::active,
     MetricType::Gauge},
    {"albicilla_sessions_created_total", "Sessions that the sink began", &SessionCounts::created},
    {"albicilla_sessions_expired_total", "Sessions by history that ended, by time or for room",
     &SessionCounts::expired},
    {"albicilla_session_hits_total", "Exchanges whose history was known", &SessionCounts::hits},
    {"albicilla_session_misses_total", "Exchanges with a history that nobody knew",
     &SessionCounts::misses},
    {"albicilla_session_fuzzy_matches_total", "Exchanges found by the likeness of histories",
     &SessionCounts::fuzzy},
});

void add_sessions(std::vector<MetricFamily>& families, const SessionCounts& sessions) {
  for (const SessionCountName& row : kSessionCountNames) {
    MetricFamily family = family_of(row.name, row.help, row.type);
    ClientMetric metric;
    const auto value = static_cast<double>(sessions.*row.count);
    (row.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
    family.metric.push_back(std::move(metric));
    families.push_back(std::move(family));
  }
}

struct TokenKind {
  std::string_view name;
  std::string_view label;
  std::string_view help;
  std::vector<TokenCount> TokenSums::*counts;
};

constexpr auto kTokenKinds = std::to_array<TokenKind>({
    {"albicilla_tokens_total", "gen_ai_response_model",
     "Tokens by model, as providers counted them or as estimated", &TokenSums::models},
    {"albicilla_user_tokens_total", "user_id", "Tokens by user of the keys file",
     &TokenSums::users},
    {"albicilla_session_tokens_total", "gen_ai_conversation_id", "Tokens by session",
     &TokenSums::sessions},
});

void add_tokens(std::vector<MetricFamily>& families, const MetricsPage& page) {
  for (const TokenKind& kind : kTokenKinds) {
    MetricFamily family = family_of(kind.name, kind.help, MetricType::Counter);
    for (const TokenCount& count : page.tokens.*kind.counts) {
      for (const bool input : {true, false}) {
        add_sample(family, static_cast<double>(input ? count.input : count.output),
                   {{std::string(kind.label), count.name},
                    {"gen_ai_token_type", input ? "input" : "output"}});
      }
    }
    families.push_back(std::move(family));
  }
  MetricFamily cached =
      family_of("albicilla_cached_input_tokens_total",
                "Input tokens that came from a provider's cache, by model", MetricType::Counter);
  for (const TokenCount& count : page.tokens.models) {
    add_sample(cached, static_cast<double>(count.cached), {{"gen_ai_response_model", count.name}});
  }
  families.push_back(std::move(cached));
}

void add_costs(std::vector<MetricFamily>& families, const MetricsPage& page) {
  if (page.prices.empty()) return;
  MetricFamily family =
      family_of("albicilla_cost_total", "Cost by model, in the currency of the configured prices",
                MetricType::Counter);
  for (const TokenCount& count : page.tokens.models) {
    add_sample(family, cost_of(count, page.prices), {{"gen_ai_response_model", count.name}});
  }
  families.push_back(std::move(family));
}

using OrderedJson = nlohmann::ordered_json;

OrderedJson sums_json(const CounterSums& sums) {
  OrderedJson page;
  for (const CounterName& row : kCounterNames) {
    const std::string name(row.name);
    if (row.label.empty()) {
      page[name] = sums.of(row.counter);
    } else {
      page[name][std::string(row.label.substr(row.label.find('=') + 1))] = sums.of(row.counter);
    }
  }
  for (const GaugeName& row : kGaugeNames) page[std::string(row.name)] = sums.of(row.gauge);
  for (const HistogramName& row : kHistogramNames) {
    const auto& latency = sums.histograms[static_cast<std::size_t>(row.histogram)];
    page[std::string(row.name)] = {{"count", latency.count},
                                   {"sum", seconds(latency.sum_microseconds)}};
  }
  return page;
}

}  // namespace

double cost_of(const TokenCount& tokens, const std::vector<ModelPrice>& prices) {
  constexpr double kPer = 1e6;
  const ModelPrice* best = nullptr;
  for (const ModelPrice& price : prices) {
    if (!tokens.name.starts_with(price.model)) continue;
    if (best == nullptr || price.model.size() > best->model.size()) best = &price;
  }
  if (best == nullptr) return 0;
  const std::uint64_t cached = std::min(tokens.cached, tokens.input);
  return (static_cast<double>(tokens.input - cached) * best->input +
          static_cast<double>(cached) * best->cached_input +
          static_cast<double>(tokens.output) * best->output) /
         kPer;
}

std::string metrics_text(const MetricsPage& page) {
  std::vector<MetricFamily> families;
  add_counters(families, page.sums);
  add_gauges(families, page.sums);
  add_histograms(families, page.sums);
  add_sessions(families, page.sessions);
  add_tokens(families, page);
  add_costs(families, page);
  return prometheus::TextSerializer().Serialize(families);
}

std::string metrics_json(const MetricsPage& page) {
  OrderedJson json = sums_json(page.sums);
  for (const SessionCountName& row : kSessionCountNames) {
    json[std::string(row.name)] = page.sessions.*row.count;
  }
  for (const TokenKind& kind : kTokenKinds) {
    auto& names = json[std::string(kind.name)] = OrderedJson::object();
    for (const TokenCount& count : page.tokens.*kind.counts) {
      names[count.name] = {
          {"input", count.input}, {"output", count.output}, {"cached_input", count.cached}};
    }
  }
  if (!page.prices.empty()) {
    auto& costs = json["albicilla_cost_total"] = OrderedJson::object();
    for (const TokenCount& count : page.tokens.models) {
      costs[count.name] = cost_of(count, page.prices);
    }
  }
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace albicilla
