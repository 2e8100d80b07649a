// The checkpoints of a commit log's directory: finds the newest usable one, writes the next, and
// lets go of what is older than the two newest. Used by one thread at a time: recovery, then the
// checkpoint thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "sink/log/checkpoint_file.h"
#include "sink/log/file_table.h"

namespace albicilla {

// What the sink loop hands over: its state at a position, the heads only where they changed.
struct StateSnapshot {
  LogPosition position;
  std::uint64_t next_group = 1;
  std::uint64_t epoch = 0;
  std::string sealed_until;
  bool rebuilt = false;
  std::vector<std::pair<ProducerId, ProducerState>> producers;
  std::string layouts;  // where the other layouts stand; empty: there are none
  std::vector<std::string> layout_directories;
  std::vector<NamedHead> changed;  // since the snapshot before, sorted by name
  std::string sessions;            // as the checkpoint holds them
  std::string prefixes;
};

// In the commit log's directory; written before each checkpoint.
std::string layouts_state_path(const std::string& commit_directory);

class Checkpoints {
 public:
  // `directory` is the commit log's.
  Checkpoints(FileSystem& files, std::string log_root, std::string directory, SinkId sink);

  // The newest whole checkpoint; an older one when the newest is damaged. nullopt when there is
  // none at all; an error when there are only damaged ones.
  Result<std::optional<Checkpoint>> load();
  // Puts its heads into the table.
  Status load_heads(const Checkpoint& checkpoint, FileTable& table);

  // Everything that the snapshot speaks of must have been written to the log files; this makes it
  // durable first, then the checkpoint, then removes what nothing needs any more. After an error of
  // is_no_room a later snapshot may be tried; every other one is final.
  Status write(StateSnapshot snapshot);
  // Heads of a snapshot that is not written: the next one that is will have them.
  void keep(const std::vector<NamedHead>& changed);

  std::uint64_t written() const { return written_; }

 private:
  std::string path(std::string_view kind, std::uint64_t number) const;
  Status write_layouts(const StateSnapshot& snapshot);
  Status write_state(StateSnapshot& snapshot);
  Status write_heads(const std::vector<NamedHead>& changed, std::vector<HeadsFileName>& heads,
                     std::string_view sealed_until);
  Status merge(std::vector<HeadsFileName>& heads, std::string_view sealed_until);
  Status remove_old();
  Status remove_old_segments(LogPosition needed);

  FileSystem& files_;
  std::string log_root_;
  std::string directory_;
  SinkId sink_;
  std::uint64_t next_number_ = 1;  // of checkpoints and heads files
  std::uint64_t written_ = 0;
  std::map<std::string, FileHead> unwritten_;  // heads of snapshots that were not
  std::vector<Checkpoint> kept_;               // old to new, without producers; at most two
};

}  // namespace albicilla
