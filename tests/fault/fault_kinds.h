// Every kind of fault that the torture driver knows, in the order of its report.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "tests/fault/campaign.h"

namespace albicilla::fault {

struct FaultKind {
  const char* name;
  const char* what;
  std::uint64_t all;     // faults of the long form
  std::uint64_t sample;  // faults of the short form, which ctest runs
  void (*run)(Campaign& campaign);
};

std::span<const FaultKind> fault_kinds();

void run_kills(Campaign& campaign);

}  // namespace albicilla::fault
