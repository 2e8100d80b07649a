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
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/fault/shadow_keeper.h"
#include "tests/fault/shim_orders.h"

namespace {

using namespace albicilla::fault;

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
