// What a worker process gets from the supervisor: settings through a memfd (so that no secret
// stands in argv or the environment), its listening socket and its counter page, at fixed
// descriptors.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/counters.h"
#include "common/base/result.h"
#include "common/json/tree.h"
#include "proxy/traffic/settings.h"

namespace albicilla {

// The supervisor's side. `settings` is what build_config takes.
class Handover {
 public:
  static Result<Handover> make(const Json& settings, const ControlEndpoint& control);

  // In the order in which ChildPlan wants them.
  std::vector<int> descriptors(int listening_fd, int counters_fd) const {
    return {settings_fd_, listening_fd, counters_fd};
  }

 private:
  explicit Handover(int settings_fd) : settings_fd_(settings_fd) {}
  int settings_fd_;  // open as long as workers may have to be started again: for ever
};

// The worker's side. Call once, first thing.
struct Inheritance {
  Json settings;
  ControlEndpoint control;
  int listening_fd = -1;
  Counters counters;
};
Result<Inheritance> take_inheritance();

}  // namespace albicilla
