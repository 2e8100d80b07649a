// Whether a thread has to wait for a processor, as the kernel counts it (proc(5), "schedstat"): so
// that work for which nobody waits can stand back from work for which somebody does.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/clock.h"
#include "common/io/file.h"

namespace albicilla {

// One thread asks; about any thread of this process.
class Crowding {
 public:
  Crowding(pid_t thread, const Clock& clock);

  // True when the thread could run and did not for more than a twentieth of the time since the last
  // call. False the first time, and where the kernel does not count.
  bool waits();

 private:
  std::optional<std::chrono::nanoseconds> waited_so_far() const;

  Fd counts_;
  const Clock& clock_;
  std::optional<std::chrono::nanoseconds> waited_;
  SteadyTime asked_;
};

// How long the work of one burst may stay behind. One thread.
class StandBack {
 public:
  // `crowded`: somebody with clients waits for a processor; `held`: records that wait for this
  // work. True for a second at most, however long the burst and the crowding last, and never with
  // 4,096 records held.
  bool wanted(bool crowded, SteadyTime now, std::uint64_t held);
  // What comes from now on is another burst.
  void end_burst() { until_.reset(); }

 private:
  std::optional<SteadyTime> until_;
};

}  // namespace albicilla
