// The file system of log, spool or commit log fills up under load, by bytes or by inodes, now and
// then a process dies meanwhile; then there is room again and it must go on by itself.
#include <signal.h>

#include <string>
#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"
#include "tests/support/small_disk.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kFillsInARun = 3;
// Enough for a run, and soon full of files.
constexpr tests::SmallDisk::Size kSize{std::uint64_t{400} << 20, 3000};

enum class Place : std::uint64_t { log, spool, commit_log };

Rig::Options options_for(Place place, tests::SmallDisk& disk, const std::string& elsewhere) {
  Rig::Options options;
  options.log_root = place == Place::log ? disk.path("log") : elsewhere + "/log";
  if (place != Place::log) {
    options.flags = {"--spool-dir", place == Place::spool ? disk.path("spool") : elsewhere + "/s"};
  } else {
    options.flags = {"--spool-dir", elsewhere + "/s", "--commit-log", elsewhere + "/c"};
  }
  if (place == Place::commit_log) {
    options.flags.insert(options.flags.end(), {"--commit-log", disk.path("commit")});
  }
  return options;
}

void fill_up(Campaign& campaign, Rig& rig, tests::SmallDisk& disk, bool inodes) {
  if (inodes) {
    disk.fill_inodes();
  } else {
    disk.fill_up();
  }
  std::this_thread::sleep_for(milliseconds(campaign.random(200, 1500)));  // as long as it lasts
  const std::uint64_t victim = campaign.random(0, 5);
  if (victim == 0) kill(rig.sink(), SIGKILL);
  if (victim == 1) kill(rig.workers().front(), SIGKILL);
  if (victim < 2) std::this_thread::sleep_for(milliseconds(campaign.random(200, 1500)));
  disk.free_up();
}

}  // namespace

void run_full_disks(Campaign& campaign) {
  while (campaign.next()) {
    tests::SmallDisk disk(kSize);
    const tests::ScratchDirectory elsewhere;
    const auto place = static_cast<Place>(campaign.number() % 3);
    Rig rig(options_for(place, disk, elsewhere.path()));
    rig.start_load();
    for (std::uint64_t count = 0; campaign.wants_more(count, kFillsInARun); ++count) {
      std::this_thread::sleep_for(milliseconds(campaign.random(100, 600)));  // a random moment
      const bool inodes = campaign.random(0, 1) == 0;
      rig.inject([&] { fill_up(campaign, rig, disk, inodes); });
      if (!rig.outcome().problems.empty()) break;
    }
    campaign.add(rig.finish());
  }
}

}  // namespace albicilla::fault
