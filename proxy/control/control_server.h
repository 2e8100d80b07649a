// Carries the supervisor's own endpoints (control_endpoints.h) over HTTP. Listens on loopback for
// the workers, which relay those paths from the main port and say who asked; anybody who comes
// without the workers' token gets 404. cpp-httplib stays behind control_server.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "proxy/control/control_endpoints.h"

namespace albicilla {

class ControlServer {
 public:
  // `token` is what the workers show.
  static Result<std::unique_ptr<ControlServer>> start(ControlSources sources, std::string token);
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
