#include "proxy/traffic_settings.h"

#include <algorithm>

namespace albicilla {
namespace {

Result<Upstream> upstream_of(const UpstreamConfig& config) {
  auto url = parse_base_url(config.base_url);
  if (!url) return url.error();
  Upstream upstream;
  upstream.url = *std::move(url);
  upstream.base_url = to_string(upstream.url);
  upstream.speaks =
      config.type == UpstreamType::anthropic ? ErrorShape::anthropic : ErrorShape::openai;
  upstream.api_key = config.api_key;
  return upstream;
}

TrafficLimits limits_of(const LimitsConfig& config) {
  TrafficLimits limits;
  limits.head = {static_cast<std::uint32_t>(config.header_bytes),
                 static_cast<std::uint32_t>(config.target_bytes),
                 static_cast<std::uint32_t>(config.header_count)};
  limits.header_time = config.header_time;
  limits.idle_time = config.idle_time;
  limits.connect_time = config.connect_time;
  limits.first_byte_time = config.first_byte_time;
  limits.body_bytes = config.body_bytes;
  limits.capture_bytes = config.capture_bytes;
  limits.connections = config.connections;
  limits.connections_per_address = config.connections_per_address;
  limits.body_floor = config.body_floor_bytes_per_second;
  return limits;
}

}  // namespace

Result<TrafficSettings> traffic_settings(const Config& config) {
  TrafficSettings settings;
  auto upstream = upstream_of(config.upstream);
  if (!upstream) return upstream.error();
  settings.upstream = *std::move(upstream);
  if (config.anthropic_upstream) {
    auto second = upstream_of(*config.anthropic_upstream);
    if (!second) return second.error();
    settings.anthropic_upstream = *std::move(second);
  }
  for (const RouteConfig& config_route : config.routes) {
    auto upstream_of_route = upstream_of(config_route.upstream);
    if (!upstream_of_route) return upstream_of_route.error();
    std::string prefix = config_route.prefix;
    while (prefix.ends_with('/')) prefix.pop_back();
    settings.routes.push_back(
        {std::move(prefix), config_route.dialect, *std::move(upstream_of_route)});
  }
  auto trusted = AddressRanges::parse(config.trusted_proxies);
  if (!trusted) return client_error("--trusted-proxy " + trusted.error().message);
  settings.trusted_proxies = *std::move(trusted);
  settings.default_model = config.default_model;
  settings.session.header = config.session.header;
  settings.session.require_header = config.session.require_header;
  settings.session.allow_bearer = config.session.allow_bearer;
  settings.session.history = config.session.enabled;
  settings.pass_when_full = config.spool.on_full == OnFull::pass;
  settings.strip_session_header = config.session.strip_header;
  settings.on_client_abort =
      config.drain_on_client_abort ? OnClientAbort::drain : OnClientAbort::cancel;
  settings.resend = config.resend_on_dead_connection;
  settings.upstream_ca = config.upstream_ca;
  settings.limits = limits_of(config.limits);
  settings.sinks = static_cast<std::uint32_t>(std::max<std::size_t>(1, config.sinks.size()));
  return settings;
}

}  // namespace albicilla
