// Counts the records of each producer: acknowledged = written + named as lost, or something is
// missing. The one place where lines of all files and days meet.
#pragma once

#include <cstdint>
#include <map>
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
  // Records that were acknowledged and stand nowhere. Only when all days were read.
  void find_missing(const ReportFault& report) const;

  // A line for each producer, and one for all.
  std::string text() const;
  std::uint64_t written() const;
  std::uint64_t lost() const;

 private:
  struct Account {
    SeqSet seqs;
    std::uint64_t written = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    Seq acknowledged;  // by the last signed checkpoint that speaks of it
  };

  bool count_gap(std::string_view gap, const Place& place, const ReportFault& report);

  std::map<ProducerId, Account> accounts_;
};

}  // namespace albicilla
