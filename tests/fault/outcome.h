// What faults did to marked requests, as far as the oracle, the log's own verification and the
// proxy's counters can tell. Pure values; outcomes of runs add up to those of a kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/fault/oracle.h"

namespace albicilla::fault {

using std::chrono::milliseconds;

struct Outcome {
  std::uint64_t runs = 0;
  std::uint64_t faults = 0;
  std::uint64_t verified = 0;  // runs whose log albicilla-verify read, and called sound
  std::uint64_t compared = 0;  // runs whose metrics were compared with the log
  Verdict verdict;
  NamedGaps gaps;
  bool may_have_gaps = false;            // a disk was damaged: what is named is not lost silently
  std::vector<milliseconds> recoveries;  // from a fault until a new request stands in the log
  std::vector<std::string> problems;     // beyond what the oracle sees
  std::vector<std::string> notes;        // facts for the report

  bool sound() const;
  void add(const Outcome& other);
};

}  // namespace albicilla::fault
