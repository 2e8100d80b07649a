#include "tests/support/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
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

SmallDisk::SmallDisk(const Size& size) : size_(size) {
  const std::string where = scratch_.path("disk");
  std::filesystem::create_directory(where);
  mounted_ = enter_own_namespace() &&
             ::mount("tmpfs", where.c_str(), "tmpfs", 0, words(size).c_str()) == 0;
  if (!mounted_) preload(size);
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(scratch_.path("disk").c_str(), MNT_DETACH);
  if (!mounted_) ::unsetenv("LD_PRELOAD");  // NOLINT(concurrency-mt-unsafe)
}

void SmallDisk::preload(const Size& size) {
  const std::string limits = scratch_.path("limits");
  write_whole_file(limits + ".new",
                   std::to_string(size.bytes) + " " + std::to_string(size.inodes) + "\n");
  std::filesystem::rename(limits + ".new", limits);
  // NOLINTBEGIN(concurrency-mt-unsafe): before the process has threads
  ::setenv("ROOM_LIMITS", limits.c_str(), 1);
  ::setenv("ROOM_BELOW", scratch_.path("disk").c_str(), 1);
  ::setenv("LD_PRELOAD", ROOM_SHIM, 1);
  // NOLINTEND(concurrency-mt-unsafe)
}

std::uint64_t SmallDisk::free_bytes() const {
  if (mounted_) {
    struct statvfs facts {};
    ::statvfs(path("").c_str(), &facts);
    return facts.f_bavail * facts.f_frsize;
  }
  std::uint64_t taken = 0;
  std::error_code ignored;  // files go while we look
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path(""), ignored)) {
    struct stat facts {};
    constexpr std::uint64_t kBlockBytes = 512;
    if (::lstat(entry.path().c_str(), &facts) != 0) continue;
    taken += static_cast<std::uint64_t>(facts.st_blocks) * kBlockBytes;
  }
  return size_.bytes - std::min(taken, size_.bytes);
}

void SmallDisk::fill_up(std::uint64_t leave_bytes) {
  const Fd ballast(::open(path("ballast").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  std::uint64_t filled = 0;
  // Others write meanwhile: what was free a moment ago may be too much to take.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::uint64_t free = free_bytes();
    if (free <= leave_bytes) return;
    const std::uint64_t more = free - leave_bytes;
    const int failed =
        ::posix_fallocate(ballast.get(), static_cast<off_t>(filled), static_cast<off_t>(more));
    if (failed == 0) filled += more;
  }
}

void SmallDisk::fill_inodes() {
  std::filesystem::create_directory(path("inodes"));
  for (std::uint64_t i = 0; mounted_ || taken_inodes() < size_.inodes; ++i) {
    const std::string name = path("inodes/" + std::to_string(i));
    const Fd file(::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    if (file.get() < 0) return;
  }
}

std::uint64_t SmallDisk::taken_inodes() const {
  std::error_code ignored;  // files go while we look
  std::uint64_t taken = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::recursive_directory_iterator(path(""), ignored)) {
    ++taken;
  }
  return taken;
}

void SmallDisk::free_up() {
  ::unlink(path("ballast").c_str());
  std::filesystem::remove_all(path("inodes"));
}

void SmallDisk::resize(const Size& size) {
  size_ = size;
  if (!mounted_) return preload(size);
  ::mount("tmpfs", scratch_.path("disk").c_str(), "tmpfs", MS_REMOUNT, words(size).c_str());
}

}  // namespace albicilla::tests
