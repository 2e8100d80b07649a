// The power goes under load with --durability fsync: of what was not synced all is gone, or any
// part. Nothing that a client was answered may be missing.
#include <filesystem>
#include <thread>

#include "tests/fault/durable_shadow.h"
#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"
#include "tests/fault/shim_plan.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kCutsInARun = 2;

}  // namespace

void run_power_cuts(Campaign& campaign) {
  while (campaign.next()) {
    const tests::ScratchDirectory scratch;
    const std::string disk = scratch.path("disk");
    const std::string shadow = scratch.path("shadow");
    std::filesystem::create_directories(disk + "/log");  // the operator's, long there
    const DurableShadow durable(disk, shadow);
    const ShimPlan plan(Role::both, disk, "shadow " + shadow);
    Rig rig({.durability = "fsync",
             .environment = plan.environment(),
             .log_root = disk + "/log",
             .keeps_broken_answers = false});
    rig.start_load();
    for (std::uint64_t count = 0; campaign.wants_more(count, kCutsInARun); ++count) {
      std::this_thread::sleep_for(milliseconds(campaign.random(200, 1200)));  // a random moment
      rig.inject([&] { rig.restart_after([&] { durable.cut_power(campaign.random()); }); });
      if (!rig.outcome().problems.empty()) break;
    }
    campaign.add(rig.finish());
  }
}

}  // namespace albicilla::fault
