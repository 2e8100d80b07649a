// The one loop of the sink: receive, decide, gather; hand a group over whenever the commit thread
// is free and either nothing waits or 8 MiB are gathered; publish watermarks when a group is
// synced. Owns the state that decisions look at. Needs no timer: a lone record is synced at once, a
// flood makes large groups by itself.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "sink/intake/acks.h"
#include "sink/intake/assembly.h"
#include "sink/intake/sockets.h"
#include "sink/log/clock_watch.h"
#include "sink/log/commit_thread.h"
#include "sink/log/decisions.h"
#include "sink/log/sealed_days.h"

namespace albicilla {

struct SinkPace {
  // What a restart may have to read again, in bytes of groups and in time.
  std::uint64_t checkpoint_bytes = std::uint64_t{256} << 20;
  std::chrono::seconds checkpoint_interval{60};
  // How many records may stand unsigned, and how long; signed at most once a second.
  std::uint64_t sign_records = 10'000;
  std::chrono::seconds sign_interval{60};
  // How long after its end a day gets its last line; nullopt: days stay open.
  std::optional<std::chrono::seconds> seal_after = std::chrono::seconds(3600);
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
  SealedDays& sealed_days;
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
  bool may_speak_for(const ProducerId& producer, std::string_view peer);
  Status handle_record(const WireHeader& header, const ReceivedFrames& frames);
  Status decide(const WireHeader& header, std::string_view piece);
  Status handle_prefix(const WireHeader& header, const ReceivedFrames& frames);
  Status follow_commits();
  // How much is to be said of the state behind the next group.
  enum class Statement { none, signed_only, written };
  Statement statement_due() const;
  void hand_over(Statement statement);
  CheckpointWork checkpoint_work(Statement statement);
  void close_days_that_are_over();
  Status seal_closed_days();
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
  std::vector<std::pair<ProducerId, Seq>> prefixes_;   // in the gathered group
  std::vector<std::pair<ProducerId, Seq>> in_flight_;  // what the group at the commit thread proves
  CommitThread::Report report_;
  std::uint64_t synced_jobs_ = 0;  // published
  bool marked_ = true;             // the log says by itself how far it is synced
  bool no_room_ = false;           // a file could not be looked after: decisions wait
  std::uint64_t bytes_since_checkpoint_ = 0;
  SteadyTime last_checkpoint_;
  std::unordered_set<ProducerId> unsigned_producers_;
  std::uint64_t signed_records_ = 0;  // of the counter of records
  SteadyTime last_signed_;
  std::uint64_t handed_jobs_ = 0;
  std::uint64_t seal_job_ = 0;  // the one that says which days are sealed; 0: none is under way
  std::string sealed_until_;    // durably so
  SteadyTime next_tick_;
  ClockWatch clock_watch_;
  SteadyTime usurper_said_;
};

}  // namespace albicilla
