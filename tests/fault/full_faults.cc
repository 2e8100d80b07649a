// The file system of log, spool or commit log fills up under load, by bytes or by inodes, now and
// then a process dies meanwhile; then there is room again and it must go on by itself.
#include <signal.h>

#include <array>
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

enum class Victim { nobody, sink, worker };

Victim fill_up(Campaign& campaign, Rig& rig, tests::SmallDisk& disk, bool inodes) {
  if (inodes) {
    disk.fill_inodes();
  } else {
    disk.fill_up();
  }
  std::this_thread::sleep_for(milliseconds(campaign.random(200, 1500)));  // as long as it lasts
  constexpr std::array kVictims = {Victim::sink,   Victim::worker, Victim::nobody,
                                   Victim::nobody, Victim::nobody, Victim::nobody};
  const Victim victim = kVictims[campaign.random(0, kVictims.size() - 1)];
  if (victim == Victim::sink) kill(rig.sink(), SIGKILL);
  if (victim == Victim::worker) kill(rig.workers().front(), SIGKILL);
  if (victim != Victim::nobody) {
    std::this_thread::sleep_for(milliseconds(campaign.random(200, 1500)));
  }
  disk.free_up();
  return victim;
}

}  // namespace

void run_full_disks(Campaign& campaign) {
  while (campaign.next()) {
    tests::SmallDisk disk(kSize);
    const tests::ScratchDirectory elsewhere;
    const auto place = static_cast<Place>(campaign.number() % 3);
    Rig rig(options_for(place, disk, elsewhere.path()));
    rig.start_load();
    Rig::Closing closing;
    closing.compares_metrics = place != Place::spool;  // of refusals not each has a line
    for (std::uint64_t count = 0; campaign.wants_more(count, kFillsInARun); ++count) {
      std::this_thread::sleep_for(milliseconds(campaign.random(100, 600)));  // a random moment
      const bool inodes = campaign.random(0, 1) == 0;
      rig.inject([&] {
        const Victim victim = fill_up(campaign, rig, disk, inodes);
        if (victim == Victim::worker) closing.compares_metrics = false;
      });
      if (!rig.outcome().problems.empty()) break;
    }
    campaign.add(rig.finish(closing));
  }
}

}  // namespace albicilla::fault
