// The one loop of the sink: receive, decide, gather; hand a group over whenever the commit thread
// is free and either nothing waits or 8 MiB are gathered; publish watermarks when a group is
// synced. Owns the state that decisions look at. Needs no timer: a lone record is synced at once, a
// flood makes large groups by itself.
#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "sink/intake/acks.h"
#include "sink/intake/assembly.h"
#include "sink/intake/sockets.h"
#include "sink/log/commit_thread.h"
#include "sink/log/decisions.h"

namespace albicilla {

struct SinkPace {
  std::uint64_t checkpoint_bytes = std::uint64_t{256} << 20;  // of groups since the last one
  std::chrono::seconds checkpoint_interval{60};               // when anything has changed
};

// Everything the loop works with; all of it outlives the loop.
struct SinkParts {
  const Clock& clock;
  SinkCounters& counters;
  SinkState& state;
  SinkSockets& sockets;
  Acks& acks;
  Assembly& assembly;
  Decisions& decisions;
  CommitThread& commits;
  CheckpointThread& checkpoints;
  Wakeup& wakeup;
};

class SinkLoop {
 public:
  SinkLoop(SinkParts parts, SinkId sink, SinkPace pace);

  // Until `stop_descriptor` is readable: then what was accepted is synced and a checkpoint written.
  // An error means that the process must end: only a restart finds out what is on the disk.
  Status run(int stop_descriptor);

 private:
  Status wait(int stop_descriptor);
  bool may_gather() const;
  Status gather();
  Status handle(const ReceivedFrames& frames);
  Status handle_record(const WireHeader& header, const ReceivedFrames& frames);
  Status decide(const WireHeader& header, std::string_view piece);
  Status follow_commits();
  void hand_over(bool with_checkpoint);
  bool checkpoint_due() const;
  Status tick();
  Status wait_for_commits();
  Status finish();
  Status publish(const ProducerId& producer) {
    return parts_.sockets.publish(parts_.acks.watermark(producer));
  }
  bool has_group() const { return group_.size() > kGroupHeaderBytes; }
  Status keep_going(const Status& status);

  SinkParts parts_;
  SinkId sink_;
  SinkPace pace_;
  std::string group_;                                  // gathered, not handed over
  std::unordered_set<ProducerId> touched_;             // by the gathered group
  std::vector<std::pair<ProducerId, Seq>> in_flight_;  // what the group at the commit thread proves
  CommitThread::Report report_;
  std::uint64_t synced_jobs_ = 0;  // published
  bool marked_ = true;             // the log says by itself how far it is synced
  bool no_room_ = false;           // a file could not be looked after: decisions wait
  std::uint64_t bytes_since_checkpoint_ = 0;
  SteadyTime last_checkpoint_;
  SteadyTime next_tick_;
};

}  // namespace albicilla
