// Decides on each record: is it the producer's next, which file and place does its line get, what
// is the chain. The answer is an entry in the group that is being gathered, applied to the state at
// once and never decided again. Looks at a log file's size once per file and start; otherwise pure.
// Not thread safe; the sink loop owns it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/io/file.h"
#include "common/record/wire.h"
#include "sink/layout/session.h"
#include "sink/log/line_chains.h"
#include "sink/log/sink_counters.h"
#include "sink/log/sink_state.h"

namespace albicilla {

class Decisions {
 public:
  struct Place {
    std::string log_root;
    std::string session_secret;
    Sharding sharding = Sharding::off;
  };

  Decisions(SinkState& state, FileSystem& files, const Clock& clock, SinkCounters& counters,
            Place place);

  // Before anything of a producer's is taken in: whose it is from now on.
  Status claim(const ProducerId& producer, std::string_view owner, std::string& group);
  // A producer's `last` hello: its Seq is the highest there was. Once that is known, and where more
  // is missing, there is nothing to decide.
  Status retire(const WireHeader& last, std::string& group);
  // Before anything else of a producer's message: writes a gap when its base shows one.
  Status note_base(const ProducerId& producer, Seq base, std::string& group);
  // What would become of the record; the bytes are not needed for that.
  Verdict judge(const WireHeader& header) const;
  // No line goes to a day up to this one any more.
  void close_days(std::string_view last);
  const std::string& closed_until() const { return closed_until_; }

  // A record whose verdict is next or foreign_duplicate, all its bytes and the header of its first
  // piece. An oversized one comes without bytes.
  Status take(const WireHeader& header, std::string_view bytes, std::string& group);
  Status take_oversized(const WireHeader& header, std::string& group);
  // Before the group is handed over, and before anybody asks for the heads of files: gives the
  // lines in it their hashes.
  void chain_lines(std::string& group);
  // From now on the session's files have this prefix; empty: none.
  Status set_prefix(std::string_view session, std::string_view prefix, std::string& group);

 private:
  // Whose line it is, and what the session table is to know of it, if anything.
  struct SessionOf {
    std::string id;
    std::optional<ConversationHint> hint;
  };
  SessionOf session_of(const WireHeader& header);
  std::string fresh_session(const WireHeader& header, SessionMatch match);
  Status note_session(const SessionOf& session, const std::string& bytes, std::string& group);
  std::string day_of(WallTime closed_at) const;
  Status decide(const WireHeader& header, std::string_view bytes, const std::string* fault,
                std::string& group);
  Status append(CommitEntry entry, const std::string& file, std::string& group);
  Result<FileHead> settled_head(const std::string& file);

  SinkState& state_;
  FileSystem& files_;
  const Clock& clock_;
  SinkCounters& counters_;
  Place place_;
  std::string closed_until_;
  std::string line_;   // scratch, keeps its room
  LineChains chains_;  // of the group that is being gathered
};

}  // namespace albicilla
