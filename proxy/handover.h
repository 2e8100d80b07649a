// What a worker process gets from the supervisor: settings through a memfd (so that no secret
// stands in argv or the environment), its listening socket, its counter page and the page of all
// workers, at fixed descriptors.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/counters.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "common/json/tree.h"
#include "proxy/shared_page.h"
#include "proxy/traffic/settings.h"

namespace albicilla {

// The supervisor's side. `settings` is what build_config takes.
class Handover {
 public:
  // `first_slot` is the spool slot of worker 0: the workers of a reload get others than those that
  // they replace, which may have streams to end.
  static Result<Handover> make(const Json& settings, const ControlEndpoint& control,
                               std::uint32_t first_slot);

  // In the order in which ChildPlan wants them.
  std::vector<int> descriptors(int listening_fd, int counters_fd, int shared_fd) const {
    return {settings_.get(), listening_fd, counters_fd, shared_fd};
  }

 private:
  explicit Handover(Fd settings) : settings_(std::move(settings)) {}
  Fd settings_;  // open as long as workers may have to be started again
};

// The worker's side. Call once, first thing.
struct Inheritance {
  Json settings;
  ControlEndpoint control;
  int listening_fd = -1;
  Counters counters;
  SharedPage shared;
  std::uint32_t first_slot = 0;  // of this generation of workers in the spool
};
Result<Inheritance> take_inheritance();

}  // namespace albicilla
