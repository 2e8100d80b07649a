// The file system of log, spool or commit log fills up under load, by bytes or by inodes, now and
// then a process dies meanwhile; then there is room again and it must go on by itself.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/fault/fault_kinds.h"
#include "tests/fault/rig.h"

namespace albicilla::fault {
namespace {

constexpr std::uint64_t kFillsInARun = 3;
constexpr const char* kOptions = "size=400m,nr_inodes=3000";

// A file system of our own in memory; needs root.
class SmallDisk {
 public:
  SmallDisk() { mounted_ = mount("tmpfs", scratch_.path().c_str(), "tmpfs", 0, kOptions) == 0; }
  ~SmallDisk() {
    if (mounted_) umount2(scratch_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  std::string path(std::string_view name) const { return scratch_.path(name); }

  void fill_bytes() const {
    const std::string ballast(1 << 16, 'x');
    const int fd = open(path("ballast").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    for (std::size_t size = ballast.size(); size > 0;) {
      if (write(fd, ballast.data(), size) < 0) size /= 2;
    }
    close(fd);
  }
  void fill_inodes() const {
    std::filesystem::create_directory(path("inodes"));
    for (int i = 0;; ++i) {
      const std::string name = path("inodes/" + std::to_string(i));
      const int fd = open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      if (fd < 0) return;
      close(fd);
    }
  }
  void make_room() const {
    std::filesystem::remove(path("ballast"));
    std::filesystem::remove_all(path("inodes"));
  }

 private:
  tests::ScratchDirectory scratch_;
  bool mounted_ = false;
};

enum class Place : std::uint64_t { log, spool, commit_log };

Rig::Options options_for(Place place, const SmallDisk& disk, const std::string& elsewhere) {
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

void fill_up(Campaign& campaign, Rig& rig, const SmallDisk& disk, bool inodes) {
  if (inodes) {
    disk.fill_inodes();
  } else {
    disk.fill_bytes();
  }
  std::this_thread::sleep_for(milliseconds(campaign.random(200, 1500)));  // as long as it lasts
  const std::uint64_t victim = campaign.random(0, 5);
  if (victim == 0) kill(rig.sink(), SIGKILL);
  if (victim == 1) kill(rig.workers().front(), SIGKILL);
  if (victim < 2) std::this_thread::sleep_for(milliseconds(campaign.random(200, 1500)));
  disk.make_room();
}

}  // namespace

void run_full_disks(Campaign& campaign) {
  while (campaign.next()) {
    const SmallDisk disk;
    if (!disk.mounted()) {
      Outcome outcome;
      outcome.notes.emplace_back("full: skipped, mounting a file system needs root");
      return campaign.add(outcome);
    }
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
