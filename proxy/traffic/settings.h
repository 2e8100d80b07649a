// What the data plane is told at its start: upstreams, rules, limits. A snapshot: built once from
// the configuration, never changed, shared by all connections of a worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/dialect/dialect.h"
#include "common/http/url.h"
#include "common/session/session_hint.h"
#include "proxy/traffic/address_ranges.h"
#include "proxy/traffic/http_parser.h"

namespace albicilla {

// Base URL + credentials + what it speaks: data, not a class per vendor.
struct Upstream {
  Url url;
  std::string base_url;  // as it stands in records
  ErrorShape speaks = ErrorShape::openai;
  std::string api_key;  // replaces the client's credential; empty: the client's own goes on
};

// One of several upstreams: the first whose prefix and dialect apply takes the request.
struct Route {
  std::string prefix;   // of the path, whole segments, taken off; empty: any
  std::string dialect;  // Dialect::name(); empty: any
  Upstream upstream;
};

enum class OnClientAbort { cancel, drain };

struct TrafficLimits {
  HeadLimits head;
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds idle_time{600'000};    // between exchanges, and between bytes
  std::chrono::milliseconds connect_time{10'000};  // DNS, TCP and TLS of one upstream connection
  std::chrono::milliseconds first_byte_time{
      600'000};  // from the request's end to the answer's head
  std::chrono::milliseconds upstream_idle_time{55'000};  // how long a pooled connection is kept
  std::uint64_t body_bytes = 0;                          // of a request; 0: no limit
  std::uint64_t capture_bytes = 32U << 20;               // of each direction that is logged
  std::uint64_t inspect_bytes = 16U << 20;  // of a JSON request that is read before it goes on
  std::size_t connections = 10'000;         // per worker
  std::size_t connections_per_address = 0;  // per worker and peer; 0: no limit
  std::uint64_t body_floor = 64;            // bytes per second that a request's body must bring
  std::chrono::milliseconds body_grace{10'000};  // before the floor counts
};

// Where the control server listens; requests for our own endpoints are relayed there.
struct ControlEndpoint {
  std::uint16_t port = 0;  // on 127.0.0.1; 0: none
  std::string token;       // proves that a request came through a worker
};

struct TrafficSettings {
  std::vector<Route> routes;  // asked before the two below
  Upstream upstream;
  std::optional<Upstream> anthropic_upstream;
  std::string default_model;
  SessionRules session;
  bool strip_session_header = false;
  bool pass_when_full = false;    // a full spool does not refuse: exchanges go on without a record
  AddressRanges trusted_proxies;  // whose word about the client's address counts
  OnClientAbort on_client_abort = OnClientAbort::cancel;
  bool resend = true;       // once, when a reused connection died before its first byte
  std::string upstream_ca;  // file of extra certificates; empty: the system's only
  TrafficLimits limits;
  ControlEndpoint control;
  std::uint32_t slot = 0;
  std::uint32_t sinks = 1;  // sessions are spread over them
};

}  // namespace albicilla
