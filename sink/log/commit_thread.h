// Makes groups durable and then writes their lines, while the sink loop gathers the next group.
// A group waits here when there is no room for it, in the commit log or in the log files; it is the
// only one that does, so a full disk holds up the sink but grows nothing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "sink/log/checkpoint_thread.h"
#include "sink/log/commit_log.h"
#include "sink/log/log_writer.h"
#include "sink/log/sink_counters.h"
#include "sink/log/wakeup.h"

namespace albicilla {

struct CommitJob {
  std::string group;  // kGroupHeaderBytes of room, then the entries
  // An empty group that nobody waits for: says, without a sync, how far the log is synced.
  bool only_marks = false;
  std::optional<CheckpointWork> checkpoint;  // of the state behind this group
};

class CommitThread {
 public:
  struct Report {
    std::uint64_t synced_jobs = 0;  // since the start
    bool idle = true;               // hand_over() may be called
    bool no_room = false;           // the job waits for room
    std::optional<Error> failure;   // final
  };

  CommitThread(CommitLog log, LogWriter& writer, CheckpointThread& checkpoints,
               SinkCounters& counters, Wakeup& wakeup);
  CommitThread(const CommitThread&) = delete;
  CommitThread& operator=(const CommitThread&) = delete;
  // Finishes its job, unless that waits for room.
  ~CommitThread();

  // Only when idle. The wakeup is signalled whenever the report has changed.
  void hand_over(CommitJob job);
  Report report() const;

 private:
  void run();
  void do_job(CommitJob& job);
  Status commit(CommitJob& job);
  Status write_lines(const CommitJob& job);
  // Calls until it does not fail for want of room. False when the thread is to stop.
  template <class Call>
  bool until_room(Status& status, Call call);
  void change(const std::function<void(Report&)>& change);

  CommitLog log_;
  LogWriter& writer_;
  CheckpointThread& checkpoints_;
  SinkCounters& counters_;
  Wakeup& wakeup_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<CommitJob> waiting_;
  Report report_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace albicilla
