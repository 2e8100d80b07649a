// From nothing to a log that can be gone on with: directories, locks, identity, recovery and the
// signing key. A disk without room, or without inodes, is waited for at every step, so that a sink
// that starts on a full disk goes on by itself when there is room.
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/config.h"
#include "sink/log/commit_log.h"
#include "sink/log/identity.h"
#include "sink/log/log_writer.h"
#include "sink/log/recovery.h"
#include "sink/log/sealer.h"

namespace albicilla {

// What the parts of a running sink work on.
struct RecoveredLog {
  Fd root_lock;
  Fd commit_lock;
  Identity identity;
  std::unique_ptr<Checkpoints> checkpoints;
  std::unique_ptr<LayoutWriter> layouts;  // null: only the session layout
  std::unique_ptr<LogWriter> writer;
  SinkState state;
  std::unique_ptr<CommitLog> log;
  std::unique_ptr<Sealer> sealer;
};

class StartUp {
 public:
  // `stop` is readable once the sink is to stop: then nothing more is waited for.
  StartUp(FileSystem& files, const Clock& clock, const SinkConfig& config, const Fd& stop)
      : files_(files), clock_(clock), config_(config), stop_(stop) {}

  // Null when told to stop before there was room.
  Result<std::unique_ptr<RecoveredLog>> run();

 private:
  enum class Waited { done, stopped };
  // Takes the step until it does not fail for want of room.
  template <class Step>
  Result<Waited> until_room(Step step);
  Status lock_directories();
  Status prepare();
  Status recover();
  Status open_sealer();
  std::unique_ptr<Recovery> begin_recovery();

  FileSystem& files_;
  const Clock& clock_;
  const SinkConfig& config_;
  const Fd& stop_;
  std::unique_ptr<RecoveredLog> made_;
  std::unique_ptr<Recovery> recovery_;
  bool rebuilt_ = false;
};

}  // namespace albicilla
