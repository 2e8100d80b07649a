// Preloaded into worker or sink: stands between it and the files below one directory, and kills it,
// fails a call or keeps what was synced, as a plan file says that is read at the process's start:
//
//   count           kills nobody
//   kill N          dies instead of its N-th call (from 1) that changes a file
//   torn N          the same, but a write has written half and any other call has happened
//   error E N C F   from the N-th call named F on, C of them fail with errno E
//   shadow DIR      keeps in DIR what of each file and directory was synced (durable_shadow.h)
//
// Only one process does it: whoever makes `<plan>.fired` first; who starts later does nothing. The
// calls of all are counted in `<plan>.calls`. FAULT_ROLE (worker, sink, both), FAULT_PREFIX (the
// directory) and FAULT_PLAN come from the environment.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/fault/shadow_names.h"

namespace {

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

enum class Kind { none, count, kill, torn, error, shadow };

struct Plan {
  Kind kind = Kind::none;
  std::string prefix;
  std::string fired;
  std::string call;  // error
  std::string shadow;
  long at = 0;
  long count = 0;
  int error = 0;
  std::atomic<long>* calls = nullptr;  // count, kill, torn
};

bool has_role(const std::string& role) {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const bool is_sink = line.find("albicilla-sink") != std::string::npos;
  if (role == "sink" || (role == "both" && is_sink)) return is_sink;
  const std::size_t end = line.find('\0');
  return end != std::string::npos && line.compare(end + 1, 6, "worker") == 0;
}

std::string setting(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::atomic<long>* shared_counter(const std::string& path) {
  const int fd = real<int (*)(const char*, int, ...)>("open")(path.c_str(),
                                                              O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (fd < 0 || real<int (*)(int, off_t)>("ftruncate")(fd, sizeof(std::atomic<long>)) != 0) abort();
  void* memory =
      mmap(nullptr, sizeof(std::atomic<long>), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  real<int (*)(int)>("close")(fd);
  if (memory == MAP_FAILED) abort();
  return static_cast<std::atomic<long>*>(memory);
}

Plan read_plan() {
  Plan plan;
  const std::string path = setting("FAULT_PLAN");
  if (path.empty() || !has_role(setting("FAULT_ROLE"))) return plan;
  plan.prefix = setting("FAULT_PREFIX");
  plan.fired = path + ".fired";
  if (access(plan.fired.c_str(), F_OK) == 0) return plan;
  std::ifstream file(path);
  std::string word;
  file >> word;
  if (word == "count" || word == "kill" || word == "torn") {
    plan.kind = word == "count" ? Kind::count : word == "kill" ? Kind::kill : Kind::torn;
    file >> plan.at;
    plan.calls = shared_counter(path + ".calls");
  } else if (word == "error") {
    plan.kind = Kind::error;
    file >> plan.error >> plan.at >> plan.count >> plan.call;
  } else if (word == "shadow") {
    plan.kind = Kind::shadow;
    file >> plan.shadow;
  }
  return plan;
}

const Plan& plan() {
  static const Plan read = read_plan();
  return read;
}

bool watched(const char* path) {
  return std::string_view(path).substr(0, plan().prefix.size()) == plan().prefix;
}

// Empty when the descriptor is none of a watched file.
std::string path_of(int fd) {
  if (plan().kind == Kind::none) return {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink(link.c_str(), path.data(), path.size() - 1);
  return size > 0 && watched(path.data()) ? std::string(path.data()) : std::string();
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

bool is_first() {
  const int fd = real<int (*)(const char*, int, ...)>("open")(
      plan().fired.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  real<int (*)(int)>("close")(fd);
  return true;
}

std::atomic<long> named_calls{0};

enum class Turn { go_on, die_now, die_torn, fail };

Turn turn_of(const char* call) {
  const Plan& now = plan();
  if (now.calls != nullptr) {
    if (++*now.calls != now.at || !is_first()) return Turn::go_on;
    return now.kind == Kind::kill ? Turn::die_now : Turn::die_torn;
  }
  if (now.kind != Kind::error || now.call != call) return Turn::go_on;
  const long number = ++named_calls;
  if (number < now.at || number >= now.at + now.count) return Turn::go_on;
  if (number == now.at && !is_first()) named_calls = now.at + now.count;
  return named_calls < now.at + now.count ? Turn::fail : Turn::go_on;
}

// Does the call, or what the plan makes of it. `half` does half of it.
template <class Call, class Half>
auto meddle(const char* name, bool is_watched, Call call, Half half) -> decltype(call()) {
  if (!is_watched) return call();
  switch (turn_of(name)) {
    case Turn::go_on:
      break;
    case Turn::die_now:
      die();
    case Turn::die_torn:
      half();
      die();
    case Turn::fail:
      errno = plan().error;
      return -1;
  }
  return call();
}

template <class Call>
auto meddle(const char* name, bool is_watched, Call call) -> decltype(call()) {
  return meddle(name, is_watched, call, call);
}

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

// What was there when a sync began is what it makes durable.
struct Before {
  std::string path;
  std::string name;  // in the shadow; empty: nothing to keep
  std::string listing;
  off_t size = 0;
  timespec when{};
};

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

int sync_one(const char* name, int fd, int (*sync)(int)) {
  const std::string path = path_of(fd);
  if (path.empty() || plan().kind != Kind::shadow) {
    return meddle(name, !path.empty(), [&] { return sync(fd); });
  }
  const Before before = look_and_list(path);
  const int result = sync(fd);
  if (result == 0) keep(before);
  return result;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t)>("write");
  return meddle(
      "write", !path_of(fd).empty(), [&] { return call(fd, bytes, size); },
      [&] { call(fd, bytes, size / 2); });
}

ssize_t writev(int fd, const struct iovec* pieces, int count) {
  static const auto call = real<ssize_t (*)(int, const struct iovec*, int)>("writev");
  return meddle(
      "write", !path_of(fd).empty(), [&] { return call(fd, pieces, count); },
      [&] {
        struct iovec half = pieces[0];
        half.iov_len /= 2;
        call(fd, &half, 1);
      });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return meddle(
      "write", !path_of(fd).empty(), [&] { return call(fd, bytes, size, offset); },
      [&] { call(fd, bytes, size / 2, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return pwrite(fd, bytes, size, offset);
}

int fdatasync(int fd) {
  static const auto call = real<int (*)(int)>("fdatasync");
  return sync_one("fdatasync", fd, call);
}

int fsync(int fd) {
  static const auto call = real<int (*)(int)>("fsync");
  return sync_one("fsync", fd, call);
}

int syncfs(int fd) noexcept {
  static const auto call = real<int (*)(int)>("syncfs");
  const bool ours = !path_of(fd).empty();
  if (!ours || plan().kind != Kind::shadow) return meddle("syncfs", ours, [&] { return call(fd); });
  std::vector<Before> all;
  look_at_all(plan().prefix, all);
  const int result = call(fd);
  for (const Before& before : all) {
    if (result == 0) keep(before);
  }
  return result;
}

int rename(const char* from, const char* to) noexcept {
  static const auto call = real<int (*)(const char*, const char*)>("rename");
  return meddle("rename", plan().kind != Kind::none && watched(from),
                [&] { return call(from, to); });
}

int unlink(const char* path) noexcept {
  static const auto call = real<int (*)(const char*)>("unlink");
  return meddle("unlink", plan().kind != Kind::none && watched(path), [&] { return call(path); });
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto call = real<int (*)(int, off_t)>("ftruncate");
  return meddle("ftruncate", !path_of(fd).empty(), [&] { return call(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t offset, off_t size) {
  static const auto call = real<int (*)(int, int, off_t, off_t)>("fallocate");
  return meddle("fallocate", !path_of(fd).empty(), [&] { return call(fd, mode, offset, size); });
}

int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
  return fallocate(fd, mode, offset, size);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto call = real<int (*)(const char*, mode_t)>("mkdir");
  return meddle("mkdir", plan().kind != Kind::none && watched(path),
                [&] { return call(path, mode); });
}

int rmdir(const char* path) noexcept {
  static const auto call = real<int (*)(const char*)>("rmdir");
  return meddle("rmdir", plan().kind != Kind::none && watched(path), [&] { return call(path); });
}

}  // extern "C"
