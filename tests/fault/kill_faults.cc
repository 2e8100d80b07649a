// kill -9 at random moments of a pipeline under load.
#include <signal.h>

#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kKillsInARun = 10;

pid_t some_worker(Campaign& campaign, const Rig& rig) {
  const auto workers = rig.workers();
  return workers[campaign.random(0, workers.size() - 1)];
}

void kill_something(Campaign& campaign, Rig& rig) {
  const std::uint64_t choice = campaign.random(0, 99);
  if (choice < 35) {
    kill(some_worker(campaign, rig), SIGKILL);
  } else if (choice < 65) {
    kill(rig.sink(), SIGKILL);
  } else if (choice < 80) {
    kill(rig.sink(), SIGKILL);
    kill(some_worker(campaign, rig), SIGKILL);
  } else if (choice < 90) {
    // The workers are told by the kernel and end by themselves.
    const auto workers = rig.workers();
    kill(rig.pipeline().supervisor(), SIGKILL);
    for (const pid_t worker : workers) {
      if (!support::eventually([&] { return kill(worker, 0) != 0; }, milliseconds(60'000))) {
        rig.problem("a worker lives on without its supervisor");
      }
    }
    rig.pipeline().start();
  } else {
    rig.restart_after([] {});
  }
}

}  // namespace

void run_kills(Campaign& campaign) {
  while (campaign.next()) {
    Rig rig({});
    rig.start_load();
    for (std::uint64_t count = 0; campaign.wants_more(count, kKillsInARun); ++count) {
      // The moment is random on purpose, so this is no wait for anything.
      std::this_thread::sleep_for(milliseconds(campaign.random(20, 600)));
      rig.inject([&] { kill_something(campaign, rig); });
      if (!rig.outcome().problems.empty()) break;
    }
    campaign.add(rig.finish());
  }
}

}  // namespace albicilla::fault
