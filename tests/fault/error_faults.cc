// EIO, as a dying disk gives it, at a random call of the worker or the sink.
#include <array>
#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"
#include "tests/fault/shim_plan.h"

namespace albicilla::fault {
namespace {

constexpr int kInputOutputError = 5;  // EIO
constexpr milliseconds kFiringBound{10'000};

struct Target {
  const char* call;
  std::uint64_t most;  // the latest call that a short run surely makes
};

void run_once(Campaign& campaign) {
  constexpr std::array kWorkerCalls = {Target{"write", 150}, Target{"fdatasync", 100}};
  constexpr std::array kSinkCalls = {Target{"write", 200}, Target{"fdatasync", 60},
                                     Target{"write", 40}, Target{"syncfs", 1}};
  const bool at_sink = campaign.random(0, 1) == 0;
  const Target target = at_sink ? kSinkCalls[campaign.random(0, kSinkCalls.size() - 1)]
                                : kWorkerCalls[campaign.random(0, kWorkerCalls.size() - 1)];
  const std::string words = "error " + std::to_string(kInputOutputError) + " " +
                            std::to_string(campaign.random(1, target.most)) + " 1 " + target.call;
  const tests::ScratchDirectory directory;
  const ShimPlan plan(at_sink ? Role::sink : Role::worker, directory.path(), words);
  Rig rig({.durability = "fsync",
           .environment = plan.environment(),
           .log_root = directory.path("log")});
  rig.start_load();
  if (support::eventually([&] { return plan.fired(); }, kFiringBound)) {
    rig.inject([] {});
  } else {
    rig.outcome().notes.push_back("eio: never came to: " + words);
  }
  Rig::Closing closing;
  closing.compares_metrics = at_sink;
  campaign.add(rig.finish(closing));
}

}  // namespace

void run_input_output_errors(Campaign& campaign) {
  while (campaign.next()) run_once(campaign);
}

}  // namespace albicilla::fault
