// Every kind of fault that the torture driver knows, in the order of its report.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "tests/fault/campaign.h"

namespace albicilla::fault {

struct TortureKind {
  const char* name;
  const char* what;
  std::uint64_t all;     // faults of the long form
  std::uint64_t sample;  // faults of the short form, which ctest runs
  void (*run)(Campaign& campaign);
};

std::span<const TortureKind> fault_kinds();

void run_kills(Campaign& campaign);
void run_worker_crash_points(Campaign& campaign);
void run_sink_crash_points(Campaign& campaign);
void run_network_cuts(Campaign& campaign);
void run_pauses(Campaign& campaign);
void run_full_disks(Campaign& campaign);
void run_input_output_errors(Campaign& campaign);
void run_damages(Campaign& campaign);
void run_power_cuts(Campaign& campaign);
void run_clock_jumps(Campaign& campaign);
void run_mutations(Campaign& campaign);

}  // namespace albicilla::fault
