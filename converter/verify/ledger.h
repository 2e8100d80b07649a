// Counts the records of each producer: opened = closed = acknowledged = written + named as lost, or
// something is missing. The one place where lines of all files and days meet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id128.h"
#include "common/chain/manifest.h"
#include "converter/verify/log_fault.h"
#include "converter/verify/seq_set.h"

namespace albicilla {

class Ledger {
 public:
  struct Place {
    std::string_view file;
    std::uint64_t line = 0;
  };

  // A line of a session's file or of `.gaps.jsonl`. False when it names no producer and seq; lines
  // of other programs do not.
  bool count(std::string_view line, const Place& place, const ReportFault& report);
  // What a signed checkpoint says of a producer; later ones come later.
  void note_mark(const ProducerMark& mark);
  // Its lines may have been let go with a day, up to what the mark says.
  void note_removed(const ProducerMark& mark);
  // Records that were acknowledged and stand nowhere, and producers that have ended with other
  // totals than were acknowledged. Only when all days were read.
  void find_missing(const ReportFault& report) const;

  // A line for each producer, and one for all.
  std::string text() const;
  std::uint64_t written() const;
  std::uint64_t lost() const;
  std::uint64_t erased() const;
  // At least so many records were let go with their days; what was lost among them may be more.
  std::uint64_t removed() const;

  // Of the producers that have ended and whose workers said how many exchanges they had begun.
  struct Ended {
    std::uint64_t producers = 0;
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
  };
  Ended ended() const;

 private:
  struct Account {
    SeqSet seqs;
    std::uint64_t written = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t erased = 0;  // of those written
    std::uint64_t removed_gaps = 0;
    Seq removed;                          // up to here lines may be gone with their days
    Seq acknowledged;                     // by the last signed checkpoint that speaks of it
    std::optional<ProducerTotals> ended;  // the same
  };

  bool count_gap(std::string_view gap, const Place& place, const ReportFault& report);

  std::map<ProducerId, Account> accounts_;
};

}  // namespace albicilla
