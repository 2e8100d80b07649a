#include "tests/support/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "common/io/file.h"

namespace albicilla::tests {

namespace {

std::string words(const SmallDisk::Size& size) {
  return "size=" + std::to_string(size.bytes) + ",nr_inodes=" + std::to_string(size.inodes);
}

// Mounts of this process vanish with it and its children.
bool enter_own_namespace() {
  static const bool entered = [] {
    const uid_t user = getuid();
    const gid_t group = getgid();
    if (::unshare(CLONE_NEWNS) != 0) {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
      const std::string id = std::to_string(user) + " " + std::to_string(user) + " 1";
      write_whole_file("/proc/self/uid_map", id);
      write_whole_file("/proc/self/setgroups", "deny");
      write_whole_file("/proc/self/gid_map",
                       std::to_string(group) + " " + std::to_string(group) + " 1");
    }
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }();
  return entered;
}

}  // namespace

SmallDisk::SmallDisk(const Size& size) {
  const std::string where = scratch_.path("disk");
  std::filesystem::create_directory(where);
  mounted_ = enter_own_namespace() &&
             ::mount("tmpfs", where.c_str(), "tmpfs", 0, words(size).c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(scratch_.path("disk").c_str(), MNT_DETACH);
}

void SmallDisk::fill_up(std::uint64_t leave_bytes) {
  const Fd ballast(::open(path("ballast").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  std::uint64_t filled = 0;
  // Others write meanwhile: what was free a moment ago may be too much to take.
  for (int attempt = 0; attempt < 100; ++attempt) {
    struct statvfs facts {};
    ::statvfs(path("").c_str(), &facts);
    const std::uint64_t free = facts.f_bavail * facts.f_frsize;
    if (free <= leave_bytes) return;
    const std::uint64_t more = free - leave_bytes;
    const int failed =
        ::posix_fallocate(ballast.get(), static_cast<off_t>(filled), static_cast<off_t>(more));
    if (failed == 0) filled += more;
  }
}

void SmallDisk::free_up() { ::unlink(path("ballast").c_str()); }

void SmallDisk::resize(const Size& size) {
  ::mount("tmpfs", scratch_.path("disk").c_str(), "tmpfs", MS_REMOUNT, words(size).c_str());
}

}  // namespace albicilla::tests
