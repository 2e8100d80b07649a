// Writes checkpoints beside the sink's work: syncing a file system takes as long as it takes.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "common/base/clock.h"
#include "sink/log/checkpoints.h"
#include "sink/log/sink_counters.h"
#include "sink/log/wakeup.h"

namespace albicilla {

class CheckpointThread {
 public:
  // Signals `wakeup` when a checkpoint is written or has failed. All outlive the thread.
  CheckpointThread(Checkpoints& checkpoints, const Clock& clock, SinkCounters& counters,
                   Wakeup& wakeup);
  CheckpointThread(const CheckpointThread&) = delete;
  CheckpointThread& operator=(const CheckpointThread&) = delete;
  // Finishes what was begun.
  ~CheckpointThread();

  // Only when idle(). Any thread.
  void begin(StateSnapshot snapshot);
  bool idle() const;
  // The first failure, which is final: what a failed sync lost is found out by a restart only. Want
  // of room is none; the segments stay until a later checkpoint succeeds.
  std::optional<Error> failure() const;
  void wait_idle();

 private:
  void run();

  Checkpoints& checkpoints_;
  const Clock& clock_;
  SinkCounters& counters_;
  Wakeup& wakeup_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<StateSnapshot> waiting_;
  bool busy_ = false;
  bool stopping_ = false;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace albicilla
