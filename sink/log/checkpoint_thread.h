// Signs checkpoints and writes those that a restart begins from, beside the sink's work: syncing a
// file system takes as long as it takes.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "sink/log/checkpoints.h"
#include "sink/log/sealer.h"
#include "sink/log/sink_counters.h"
#include "sink/log/wakeup.h"

namespace albicilla {

// The state behind a group, once the group is durable and its lines are written.
struct CheckpointWork {
  StateSnapshot snapshot;  // its producers only when it is to be written
  bool write = false;      // not only signed
  SealWork seal;           // its changed files are the snapshot's
};

class CheckpointThread {
 public:
  struct Report {
    bool idle = true;
    CheckpointSeen last;      // signed
    std::string final_until;  // the last day whose final checkpoint is signed and written
    // The key that signs now, once a manifest has introduced it.
    std::shared_ptr<const SigningKey> signer;
    // The first failure, which is final: what a failed sync lost is found out by a restart only.
    // Want of room is none; the next work has what this one could not write.
    std::optional<Error> failure;
  };

  // Signals `wakeup` when work is done or has failed. All outlive the thread.
  CheckpointThread(Checkpoints& checkpoints, Sealer& sealer, const Clock& clock,
                   SinkCounters& counters, Wakeup& wakeup);
  CheckpointThread(const CheckpointThread&) = delete;
  CheckpointThread& operator=(const CheckpointThread&) = delete;
  // Finishes what was begun.
  ~CheckpointThread();

  // Only when idle. Any thread.
  void begin(CheckpointWork work);
  Report report() const;
  void wait_idle();

 private:
  void run();
  void note_signer();
  Status do_work(CheckpointWork& work);

  Checkpoints& checkpoints_;
  Sealer& sealer_;
  const Clock& clock_;
  SinkCounters& counters_;
  Wakeup& wakeup_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<CheckpointWork> waiting_;
  Report report_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace albicilla
