#include "tests/fault/shadow_keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/fault/shadow_names.h"
#include "tests/fault/shim_orders.h"

namespace albicilla::fault {

namespace {

// Writes one file of the shadow, whole or not at all.
template <class Fill>
void keep(const std::string& name, Fill fill) {
  const std::string path = plan().shadow + "/" + name;
  const std::string fresh = path + ".new" + std::to_string(gettid());
  const int fd = real<int (*)(const char*, int, ...)>("open")(
      fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) abort();
  fill(fd);
  real<int (*)(int)>("close")(fd);
  if (real<int (*)(const char*, const char*)>("rename")(fresh.c_str(), path.c_str()) != 0) abort();
}

void write_all(int fd, const char* bytes, std::size_t size) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t)>("write");
  while (size > 0) {
    const ssize_t count = call(fd, bytes, size);
    if (count <= 0) abort();
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
}

Before look_at(const std::string& path) {
  Before before;
  clock_gettime(CLOCK_REALTIME, &before.when);
  struct stat facts {};
  if (lstat(path.c_str(), &facts) != 0) return before;
  before.path = path;
  if (S_ISREG(facts.st_mode)) {
    before.name = "f" + albicilla::fault::shadow_name(AT_FDCWD, path.c_str(), 0);
    before.size = facts.st_size;
  } else if (S_ISDIR(facts.st_mode)) {
    before.name = "d" + albicilla::fault::shadow_name(AT_FDCWD, path.c_str(), 0);
  }
  return before;
}

template <class Visit>
void for_each_entry(const std::string& directory, Visit visit) {
  DIR* opened = opendir(directory.c_str());
  if (opened == nullptr) return;
  while (const dirent* entry = readdir(opened)) {  // NOLINT: a stream of our own
    const std::string name = entry->d_name;
    if (name != "." && name != "..") visit(name, directory + "/" + name);
  }
  closedir(opened);
}

void list(Before& directory) {
  for_each_entry(directory.path, [&](const std::string& name, const std::string& path) {
    const Before entry = look_at(path);
    if (!entry.name.empty()) directory.listing += entry.name + " " + name + "\n";
  });
}

// Another process may have begun to sync the same file later and be done before. The shadow's file
// time is when its sync began.
bool is_kept_since(const Before& before) {
  struct stat kept {};
  if (stat((plan().shadow + "/" + before.name).c_str(), &kept) != 0) return false;
  return std::pair(kept.st_mtim.tv_sec, kept.st_mtim.tv_nsec) >
         std::pair(before.when.tv_sec, before.when.tv_nsec);
}

// One at a time, over all processes.
class ShadowLock {
 public:
  ShadowLock()
      : fd_(real<int (*)(const char*, int, ...)>("open")((plan().shadow + "/lock").c_str(),
                                                         O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    flock(fd_, LOCK_EX);
  }
  ~ShadowLock() { real<int (*)(int)>("close")(fd_); }
  ShadowLock(const ShadowLock&) = delete;
  ShadowLock& operator=(const ShadowLock&) = delete;

 private:
  int fd_;
};

}  // namespace

void keep(const Before& before) {
  if (before.name.empty()) return;
  const ShadowLock lock;
  if (is_kept_since(before)) return;
  std::string bytes = before.listing;
  if (before.name.front() == 'f') {
    const int from =
        real<int (*)(const char*, int, ...)>("open")(before.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) return;  // renamed or gone since: then this proves nothing
    bytes.resize(static_cast<std::size_t>(before.size));
    const ssize_t count = pread(from, bytes.data(), bytes.size(), 0);
    real<int (*)(int)>("close")(from);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  keep(before.name, [&](int to) {
    write_all(to, bytes.data(), bytes.size());
    const std::array<timespec, 2> times{before.when, before.when};
    futimens(to, times.data());
  });
}

Before look_and_list(const std::string& path) {
  Before before = look_at(path);
  if (!before.name.empty() && before.name.front() == 'd') list(before);
  return before;
}

void look_at_all(const std::string& path, std::vector<Before>& all) {
  all.push_back(look_and_list(path));
  if (all.back().name.empty() || all.back().name.front() == 'f') return;
  for_each_entry(path,
                 [&](const std::string&, const std::string& entry) { look_at_all(entry, all); });
}

}  // namespace albicilla::fault
