// Bits flip and ends go missing on the disk of spool or commit log while their owner is down. What
// cannot be put right must be named in the log, never be lost silently.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kDamagesInARun = 5;
constexpr milliseconds kDownBound{5'000};

// Files with something in them.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && entry.file_size() > 0) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void flip_bit(const std::filesystem::path& path, Campaign& campaign) {
  const std::uint64_t at = campaign.random(0, std::filesystem::file_size(path) - 1);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ (1 << campaign.random(0, 7))));
}

std::string damage(const std::filesystem::path& directory, Campaign& campaign) {
  const auto files = files_below(directory);
  if (files.empty()) return {};
  const auto& path = files[campaign.random(0, files.size() - 1)];
  const std::uint64_t size = std::filesystem::file_size(path);
  if (campaign.random(0, 1) == 0) {
    flip_bit(path, campaign);
    return "a bit of " + path.filename().string();
  }
  const std::uint64_t left = campaign.random(0, size - 1);
  std::filesystem::resize_file(path, left);
  return path.filename().string() + " cut from " + std::to_string(size) + " to " +
         std::to_string(left);
}

// The spool of a proxy whose sink was away, so that it holds much.
void damage_spool(Campaign& campaign, Rig& rig) {
  rig.stop_far_sink(SIGKILL);
  std::this_thread::sleep_for(milliseconds(campaign.random(100, 600)));  // a random amount
  rig.restart_after([&] {
    for (std::uint64_t i = 0; i < kDamagesInARun; ++i) {
      rig.note(damage(rig.scratch("spool"), campaign));
    }
    rig.start_far_sink();
  });
}

// A sink that finds damage before what it knows as synced says so and ends; its operator rebuilds.
void damage_commit_log(Campaign& campaign, Rig& rig) {
  rig.stop_far_sink(SIGKILL);
  for (std::uint64_t i = 0; i < kDamagesInARun; ++i) {
    rig.note(damage(rig.scratch("log/.commit"), campaign));
  }
  rig.start_far_sink();
  const bool refused =
      support::eventually([&] { return rig.sink() < 0 || rig.far_sink_is_ready(); }, kDownBound) &&
      rig.sink() < 0;
  if (!refused) return;
  rig.note("refused to start");
  rig.start_far_sink({"--rebuild"});
}

}  // namespace

void run_damages(Campaign& campaign) {
  while (campaign.next()) {
    Rig rig({.far_sink = true});
    rig.outcome().may_have_gaps = true;
    rig.start_load();
    std::this_thread::sleep_for(milliseconds(campaign.random(300, 900)));  // a random moment
    const bool spool = campaign.number() % 2 == 0;
    rig.inject([&] { spool ? damage_spool(campaign, rig) : damage_commit_log(campaign, rig); });
    rig.outcome().faults = kDamagesInARun;
    campaign.add(rig.finish());
  }
}

}  // namespace albicilla::fault
