// Brings the log root to the state that the commit log describes and opens the commit log for new
// groups: the newest checkpoint, then every recorded decision after it, then the tail that may not
// have been synced is made durable, then the start of a new epoch. Nothing is published before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/checkpoints.h"
#include "sink/log/commit_log.h"
#include "sink/log/commit_scan.h"
#include "sink/log/log_writer.h"
#include "sink/log/sink_state.h"

namespace albicilla {

struct RecoveryFacts {
  std::uint64_t groups = 0;         // replayed
  std::uint64_t tail_bytes = 0;     // copied because they may not have been synced
  std::uint64_t torn_bytes = 0;     // of the commit log, never acknowledged
  std::uint64_t torn_files = 0;     // log files that had bytes the log does not know, or unknown
  std::uint64_t missing_bytes = 0;  // of log files that somebody cut
};

class Recovery {
 public:
  Recovery(FileSystem& files, std::string log_root, CommitLogPlace place, Checkpoints& checkpoints,
           LogWriter& writer);

  // After an error of is_no_room it may be run again; it goes on where it stopped.
  Status run(WallTime now);

  // After run() has succeeded.
  SinkState take_state() { return std::move(state_); }
  CommitLog take_log() { return std::move(*log_); }
  const RecoveryFacts& facts() const { return facts_; }

 private:
  Status find_checkpoint();
  Status refuse_orphans();
  Status begin_log();
  Status replay();
  Status find_seals(const GroupVisit& group);
  Status replay_group(const GroupVisit& group);
  Status settle_files();
  Status settle_file(const std::string& file);
  Status put_unknown_files_aside(const std::string& directory);
  Status begin_epoch(WallTime now);

  FileSystem& files_;
  std::string log_root_;
  CommitLogPlace place_;
  Checkpoints& checkpoints_;
  LogWriter& writer_;
  std::optional<Checkpoint> checkpoint_;
  bool looked_ = false;
  SinkState state_;
  std::string sealed_until_;  // by the end of the log
  std::optional<CommitLog> log_;
  std::unordered_set<std::string> touched_;  // files that the replay wrote to
  RecoveryFacts facts_;
};

}  // namespace albicilla
