// What earlier generations of one slot have left: read, recovered, sent under their own ids, and
// deleted when acknowledged. Sender thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/io/file.h"
#include "proxy/outbox/generation.h"
#include "proxy/outbox/outbox_counters.h"
#include "proxy/outbox/recovery.h"
#include "proxy/outbox/slot.h"
#include "proxy/outbox/spool.h"

namespace albicilla {

class Backlog {
 public:
  // References must outlive the backlog, which never looks at other generations than `older`.
  Backlog(FileSystem& files, const Slot& slot, SpoolRoom& room, OutboxCounters& counters)
      : files_(files), slot_(slot), room_(room), counters_(counters) {}

  // Reads them all. What cannot be read is moved aside or left, counted and said; it stops nobody.
  void read(const std::vector<GenerationNumber>& older);

  // Closes in a new generation what was left open. Until that has succeeded, only the oldest
  // generation may lose segments: a later one may hold the `closed` of what is open in an older
  // one. Returns whether it is done; call again when not.
  bool settle(const RecoveryTarget& target);
  bool settled() const { return settled_; }

  // Oldest first.
  const std::vector<OldGeneration>& generations() const { return generations_; }

  // Deletes what is acknowledged: segments, and whole generations. The latter are taken out of
  // generations() and returned, so that their users can forget them before they vanish.
  std::vector<std::unique_ptr<Generation>> clean();

 private:
  void read_one(const std::string& directory);
  void read_unreadable(const std::string& directory, const Error& why);
  Status keep_torn_bytes_of_all();
  Status settle_all(const RecoveryTarget& target);

  FileSystem& files_;
  const Slot& slot_;
  SpoolRoom& room_;
  OutboxCounters& counters_;
  std::vector<OldGeneration> generations_;
  std::vector<Damage> unreadable_;  // whole generations
  bool settled_ = false;
  bool said_no_room_ = false;
};

}  // namespace albicilla
