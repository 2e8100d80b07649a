// SIGSTOP: a part of the pipeline stands still and goes on as if nothing had been.
#include <signal.h>

#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kPausesInARun = 5;
constexpr milliseconds kShort{1'000};
constexpr milliseconds kLong{30'000};

void pause_something(Campaign& campaign, Rig& rig, milliseconds time) {
  const auto workers = rig.workers();
  const std::uint64_t choice = campaign.random(0, 4);
  pid_t pid = workers[campaign.random(0, workers.size() - 1)];
  if (choice < 2) pid = rig.sink();
  if (choice == 4) pid = rig.pipeline().supervisor();
  kill(pid, SIGSTOP);
  std::this_thread::sleep_for(time);
  kill(pid, SIGCONT);
}

}  // namespace

void run_pauses(Campaign& campaign) {
  while (campaign.next()) {
    Rig rig({});
    rig.start_load();
    for (std::uint64_t count = 0; campaign.wants_more(count, kPausesInARun); ++count) {
      const bool is_long = !campaign.is_sample() && count == kPausesInARun - 1;
      rig.inject([&] { pause_something(campaign, rig, is_long ? kLong : kShort); });
      if (!rig.outcome().problems.empty()) break;
    }
    Rig::Closing closing;
    closing.compares_metrics = true;
    campaign.add(rig.finish(closing));
  }
}

}  // namespace albicilla::fault
