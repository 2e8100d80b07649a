// The supervisor's own HTTP endpoints: service information, health, readiness, metrics. Listens on
// loopback for the workers, which relay those paths from the main port and say who asked; anybody
// who comes without the workers' token gets 404. cpp-httplib stays behind control_server.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/counters.h"
#include "common/base/result.h"

namespace albicilla {

class ControlServer {
 public:
  // Asked from the server's threads; must be thread safe and outlive the server.
  struct Sources {
    std::function<CounterSums()> counters;
    std::function<bool()> draining;
    std::string upstream;  // base URL, for display
    std::string token;
  };

  static Result<std::unique_ptr<ControlServer>> start(Sources sources);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  std::uint16_t port() const;

 private:
  struct Server;
  explicit ControlServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace albicilla
