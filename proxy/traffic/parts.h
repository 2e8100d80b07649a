// What every connection of a worker works with. References: the worker owns the parts and outlives
// all connections.
#pragma once

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/counters.h"
#include "common/base/id128.h"
#include "proxy/middleware/middleware.h"
#include "proxy/outbox/exchange_log.h"
#include "proxy/traffic/deadlines.h"
#include "proxy/traffic/settings.h"
#include "proxy/traffic/tls_server.h"
#include "proxy/traffic/upstream_pool.h"

namespace albicilla {

struct TrafficParts {
  LoopExecutor executor;
  const Clock& clock;
  Deadlines& deadlines;
  ExchangeLog& log;
  ExchangeLog& no_log;  // for our own endpoints, which are not traffic
  UpstreamPool& upstreams;
  Counters& counters;
  Middlewares& middlewares;
  // Keys derived session ids; empty until the sink has sent one.
  const std::function<std::string()>& session_secret;
  ExchangeIdSource& ids;
  const TrafficSettings& settings;
  const bool& draining;      // no exchange may follow the ones under way
  TlsServer* tls = nullptr;  // for clients; nullptr: they come without
};

}  // namespace albicilla
