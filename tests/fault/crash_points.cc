// Every call that changes a file, in a run of 200 records, killed once: before it, or when half of
// a write is done.
#include <algorithm>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"
#include "tests/fault/shim_plan.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kRecords = 200;
constexpr milliseconds kLoadBound{120'000};

struct Swept {
  Outcome outcome;
  std::uint64_t calls = 0;
};

Swept run_with(Role role, const std::string& words) {
  const tests::ScratchDirectory directory;
  const ShimPlan plan(role, directory.path(), words);
  Rig rig({.workers = 1,
           .durability = "fsync",
           .environment = plan.environment(),
           .log_root = directory.path("log"),
           .connections = 8,
           .words = "events=3 interval_ms=1"});
  rig.start_load(kRecords);
  rig.wait_for_load(kLoadBound);
  if (!rig.wait_whole(kLoadBound)) rig.problem("not whole again");
  const bool fired = plan.fired();
  // When it was whole again nobody saw: the load went on meanwhile.
  if (fired) rig.outcome().faults = 1;
  Rig::Closing closing;
  closing.compares_metrics = !fired || role == Role::sink;
  Swept swept;
  swept.outcome = rig.finish(closing);
  swept.calls = plan.calls();
  return swept;
}

// Each in a pipeline of its own, as many of them at once as there are jobs.
void try_all(Campaign& campaign, Role role, const std::vector<std::uint64_t>& points) {
  std::mutex mutex;  // the campaign's
  auto next = points.begin();
  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (next != points.end() && campaign.begin(*next)) {
      const std::uint64_t point = *next++;
      const char* word = campaign.random(0, 1) == 0 ? "kill " : "torn ";
      lock.unlock();
      const Swept swept = run_with(role, word + std::to_string(point));
      lock.lock();
      campaign.add(swept.outcome, point);
    }
  };
  std::vector<std::thread> jobs;
  for (unsigned job = 1; job < campaign.jobs(); ++job) jobs.emplace_back(work);
  work();
  for (std::thread& job : jobs) job.join();
}

void sweep(Campaign& campaign, Role role) {
  const Swept whole = run_with(role, "count");
  std::vector<std::uint64_t> points(whole.calls);
  std::iota(points.begin(), points.end(), 1);
  Outcome counted = whole.outcome;
  counted.notes.push_back(campaign.kind() + ": " + std::to_string(whole.calls) +
                          " calls change a file");
  campaign.begin(0);
  campaign.add(counted);
  if (campaign.only_run()) points = {*campaign.only_run()};
  if (!campaign.wants_every_one()) std::shuffle(points.begin(), points.end(), campaign.random());
  try_all(campaign, role, points);
}

}  // namespace

void run_worker_crash_points(Campaign& campaign) { sweep(campaign, Role::worker); }
void run_sink_crash_points(Campaign& campaign) { sweep(campaign, Role::sink); }

}  // namespace albicilla::fault
