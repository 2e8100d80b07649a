// Notices that the wall clock has jumped. What the date alone decides, ending a day or letting an
// old one go, must wait then: a clock that is a year ahead for a minute would otherwise end every
// day of that year. Pure; not thread safe.
#pragma once

#include <optional>

#include "common/base/clock.h"

namespace albicilla {

class ClockWatch {
 public:
  // A step within it is drift that a time service puts right.
  static constexpr std::chrono::minutes kDrift{5};
  // How long a clock that has jumped must go on steadily until its date is believed.
  static constexpr std::chrono::hours kHold{1};

  ClockWatch(WallTime wall, SteadyTime steady) : believed_(wall - to_wall(steady)) {}

  // To be told every few seconds. False while the date is not to be believed.
  bool believes(WallTime wall, SteadyTime steady);

 private:
  static WallTime to_wall(SteadyTime steady) {
    return WallTime(std::chrono::duration_cast<Microseconds>(steady.time_since_epoch()));
  }

  Microseconds believed_;                  // between the two clocks
  std::optional<Microseconds> jumped_to_;  // the same since the jump
  SteadyTime jumped_at_;
};

}  // namespace albicilla
