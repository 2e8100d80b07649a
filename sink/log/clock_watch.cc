#include "sink/log/clock_watch.h"

#include "common/base/log.h"

namespace albicilla {

namespace {

bool is_drift(Microseconds step) {
  return step <= ClockWatch::kDrift && step >= -Microseconds(ClockWatch::kDrift);
}

}  // namespace

bool ClockWatch::believes(WallTime wall, SteadyTime steady) {
  const Microseconds offset = wall - to_wall(steady);
  if (is_drift(offset - believed_)) {
    believed_ = offset;
    jumped_to_.reset();
    return true;
  }
  if (!jumped_to_ || !is_drift(offset - *jumped_to_)) {
    log_warning(
        "the clock has jumped, no day ends until it has gone on steadily",
        {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(offset - believed_).count()},
         {"hold_seconds", std::chrono::seconds(kHold).count()}});
    jumped_at_ = steady;
  }
  jumped_to_ = offset;
  if (steady - jumped_at_ < kHold) return false;
  believed_ = offset;
  jumped_to_.reset();
  return true;
}

}  // namespace albicilla
