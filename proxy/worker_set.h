// The worker processes of a proxy: one for each listening socket, started again when it dies. A
// reload starts new ones on the same sockets and lets the old ones end their streams; so no
// connection is refused and none is cut. Counts of workers that are gone stay in the sums.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/counters.h"
#include "common/base/result.h"
#include "proxy/child_process.h"
#include "proxy/handover.h"

namespace albicilla {

// Used by one thread, but sums() may be asked from any other between begin() and the end.
class WorkerSet {
 public:
  struct Parts {
    std::vector<int> listening;  // a worker for each
    int shared_page = -1;
    std::string executable;
  };

  explicit WorkerSet(Parts parts) : parts_(std::move(parts)) {}

  // Starts workers with this handover; those that run already are told to end.
  Status begin(Handover handover, SteadyTime now);

  // The name of the one that had that pid, empty when it was none of ours. `expected` says whether
  // it was told to end.
  struct Reaped {
    std::string name;
    bool expected = false;
  };
  Reaped reap(pid_t pid, SteadyTime now);
  void restart_dead(SteadyTime now);
  void signal(int number) const;
  bool any_runs() const;
  // When the next dead one should be started; max when none is dead.
  SteadyTime next_start() const;

  CounterSums sums() const;

 private:
  struct Seat {
    ChildProcess process;
    Fd page;
    Counters counters;
    bool leaving = false;  // a reload replaced it
  };

  Result<Seat> make_seat(const Handover& handover, std::uint32_t slot) const;
  Result<std::vector<Seat>> start_seats(const Handover& handover, SteadyTime now) const;
  void forget_gone();

  Parts parts_;
  std::optional<Handover> handover_;
  mutable std::mutex mutex_;  // seats_ and gone_, for sums()
  std::vector<Seat> seats_;
  CounterSums gone_;  // totals of seats that are no more
};

}  // namespace albicilla
