// The wall clock jumps, for proxy and sink at once: by seconds, days or years, ahead and back. The
// sink may be killed meanwhile and come up in another year.
#include <signal.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kJumpsInARun = 8;
constexpr milliseconds kUnderEachClock{700};

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<microseconds, 9> kOffsets{seconds(0), seconds(2),      seconds(-2),
                                               minutes(4), minutes(-40),    hours(25),
                                               hours(-49), hours(24 * 400), hours(-24 * 400)};

// Overwritten in place, never cut: the processes have it in their memory.
void set_offset(const std::string& path, microseconds offset) {
  const std::int64_t count = offset.count();
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.write(reinterpret_cast<const char*>(&count), sizeof count);
}

void jump(Campaign& campaign, Rig& rig, const std::string& file) {
  const microseconds offset = kOffsets[campaign.random(0, kOffsets.size() - 1)];
  const bool kills = campaign.random(0, 2) == 0;
  set_offset(file, offset);
  rig.note("the clock is wrong by " + std::to_string(offset.count()) + " us" +
           (kills ? ", the sink is killed" : ""));
  if (kills && rig.sink() > 0) kill(rig.sink(), SIGKILL);
  std::this_thread::sleep_for(kUnderEachClock);
}

}  // namespace

void run_clock_jumps(Campaign& campaign) {
  while (campaign.next()) {
    const tests::ScratchDirectory directory;
    const std::string file = directory.path("offset");
    tests::write_whole_file(file, std::string(sizeof(std::int64_t), '\0'));
    Rig rig({.environment = {"LD_PRELOAD=" CLOCK_SHIM, "CLOCK_OFFSET=" + file}});
    rig.start_load();
    for (std::uint64_t count = 0; campaign.wants_more(count, kJumpsInARun); ++count) {
      rig.inject([&] { jump(campaign, rig, file); });
      if (!rig.outcome().problems.empty()) break;
    }
    Rig::Closing closing;
    closing.compares_metrics = true;
    campaign.add(rig.finish(closing));
  }
}

}  // namespace albicilla::fault
