// The way between a proxy and a sink of its own breaks under load: connections are reset, or what
// goes one way or both vanishes while they stay open.
#include <array>
#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"

namespace albicilla::fault {
namespace {

using Cut = Rig::Cut;

constexpr std::uint64_t kCutsInARun = 5;

void cut_something(Campaign& campaign, Rig& rig) {
  constexpr std::array kCuts = {Cut::reset, Cut::swallow_forward, Cut::swallow_back,
                                Cut::swallow_both};
  const Cut cut = kCuts[campaign.random(0, kCuts.size() - 1)];
  const std::uint64_t where = campaign.random(0, 2);
  if (where != 0) rig.cut_records(cut);
  if (where != 1) rig.cut_watermarks(cut);
  std::this_thread::sleep_for(milliseconds(campaign.random(100, 3000)));  // as long as it lasts
  rig.cut_records(Cut::none);
  rig.cut_watermarks(Cut::none);
}

}  // namespace

void run_network_cuts(Campaign& campaign) {
  while (campaign.next()) {
    Rig rig({.far_sink = true, .own_network = true});
    rig.outcome().notes.emplace_back(rig.has_own_network()
                                         ? "network: between two network namespaces"
                                         : "network: through relays, namespaces need root");
    rig.start_load();
    for (std::uint64_t count = 0; campaign.wants_more(count, kCutsInARun); ++count) {
      std::this_thread::sleep_for(milliseconds(campaign.random(20, 300)));  // a random moment
      rig.inject([&] { cut_something(campaign, rig); });
      if (!rig.outcome().problems.empty()) break;
    }
    Rig::Closing closing;
    closing.compares_metrics = true;
    campaign.add(rig.finish(closing));
  }
}

}  // namespace albicilla::fault
