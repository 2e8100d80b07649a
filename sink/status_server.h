// Answers for operators and supervisors: GET /healthz (alive, accepting or not) and GET /metrics
// (Prometheus text). Reads counters only; nothing here can hold up the sink. cpp-httplib stays
// behind status_server.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "sink/log/sink_counters.h"

namespace albicilla {

// Prometheus text, version 0.0.4. Pure.
std::string render_metrics(const SinkCounters& counters);
std::string render_health(const SinkCounters& counters);

class StatusServer {
 public:
  // `address` is host:port; port 0 takes a free one. The counters outlive the server. `look` is
  // called before each scrape, on the server's threads, to bring them up to date.
  static Result<std::unique_ptr<StatusServer>> start(
      const std::string& address, const SinkCounters& counters,
      const std::function<void()>& look = [] {});
  virtual ~StatusServer() = default;
  virtual int port() const = 0;
};

}  // namespace albicilla
