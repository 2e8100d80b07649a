// One decision of the sink as it stands in the commit log: what was taken in and which bytes go to
// which place of which file. Replay applies these and decides nothing again, so a restart gives the
// same files whatever the clock, the configuration or the version say by then.
// Pure: bytes <-> values; sink/log/FORMAT.md has the layout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/base/strong.h"

namespace albicilla {

enum class CommitKind : std::uint8_t {
  start = 1,       // the sink came up on this log: a new epoch
  record = 2,      // a producer's next record, accepted
  gap = 3,         // a producer no longer holds these Seqs and the sink never had them
  quarantine = 4,  // a Seq that came again under another exchange id: kept aside, not counted
  seal = 5,        // no day up to this one gets lines any more
  owner = 6,       // which worker's key a producer belongs to
  retired = 7,     // a producer has said its last
  session = 16,    // what an exchange said about its conversation, and its session
  prefix = 17,     // a session's file prefix; empty: none
};

// Whole lines at their place. Empty for kinds that write nothing.
struct LineWrite {
  std::string_view file;  // relative to the log root
  std::uint64_t offset = 0;
  std::string_view line;  // with its newline; ends in its chain
  bool operator==(const LineWrite&) const = default;
};

// The views live as long as the bytes that were parsed.
struct CommitEntry {
  CommitKind kind = CommitKind::record;
  std::uint64_t epoch = 0;   // start
  WallTime at;               // start: when, for people only; session: by the sink's clock
  std::string_view day;      // seal
  std::string_view owner;    // owner: the name in the allowlist
  std::string_view session;  // session, prefix: the true id
  std::string_view text;     // session: the hint's bytes; prefix: the prefix
  ProducerId producer;       // owner, record, gap, quarantine, retired
  Seq seq;   // record, quarantine: its own; gap: the first that is missing; retired: the last
  Seq last;  // gap: the last that is missing
  std::optional<std::uint64_t> opened;  // retired: exchanges that it had begun, if it said so
  ExchangeId exchange;                  // record, quarantine
  LineWrite write;
  bool operator==(const CommitEntry&) const = default;
};

// Appends the entry behind `out`.
void append_commit_entry(std::string& out, const CommitEntry& entry);
// How many bytes append_commit_entry adds.
std::size_t commit_entry_bytes(const CommitEntry& entry);

// Reads the entries of a group front to back.
class CommitEntryReader {
 public:
  explicit CommitEntryReader(std::string_view entries) : rest_(entries) {}

  bool at_end() const { return rest_.empty(); }
  // Only when !at_end(). After an error the rest cannot be read.
  Result<CommitEntry> next();

 private:
  std::string_view rest_;
};

}  // namespace albicilla
