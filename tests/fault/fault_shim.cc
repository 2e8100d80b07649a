// Preloaded into worker or sink: stands between it and the files below one directory, and kills it,
// fails a call or notes what was synced, as a plan file says that is read at the process's start:
//
//   count           kills nobody
//   kill N          dies instead of its N-th call (from 1) that changes a file
//   torn N          the same, but a write has written half and any other call has happened
//   error E N C F   from the N-th call named F on, C of them fail with errno E
//   note PATH       appends "<bytes> <path>" to PATH for each file that is synced
//
// Only one process does it: whoever makes `<plan>.fired` first; who starts later does nothing. The
// calls of all are counted in `<plan>.calls`. FAULT_ROLE (worker, sink), FAULT_PREFIX (the
// directory) and FAULT_PLAN come from the environment.
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
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
#include <fstream>
#include <iterator>
#include <string>

namespace {

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

enum class Kind { none, count, kill, torn, error, note };

struct Plan {
  Kind kind = Kind::none;
  std::string prefix;
  std::string fired;
  std::string call;  // error
  std::string note;
  long at = 0;
  long count = 0;
  int error = 0;
  std::atomic<long>* calls = nullptr;  // count, kill, torn
};

bool has_role(const std::string& role) {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  if (role == "sink") return line.find("albicilla-sink") != std::string::npos;
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
  } else if (word == "note") {
    plan.kind = Kind::note;
    file >> plan.note;
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

void note(const char* path, long bytes) {
  const std::string line = std::to_string(bytes) + " " + path + "\n";
  const int fd = real<int (*)(const char*, int, ...)>("open")(
      plan().note.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644);
  real<ssize_t (*)(int, const void*, size_t)>("write")(fd, line.data(), line.size());
  real<int (*)(int)>("close")(fd);
}

int note_file(const char* path, const struct stat* facts, int type) {
  if (type == FTW_F) note(path, facts->st_size);
  return 0;
}

// What is synced is what was there when the call began.
int sync_one(const char* name, int fd, int (*sync)(int)) {
  const std::string path = path_of(fd);
  struct stat facts {};
  if (!path.empty()) fstat(fd, &facts);
  const int result = meddle(name, !path.empty(), [&] { return sync(fd); });
  if (result == 0 && plan().kind == Kind::note && !path.empty() && S_ISREG(facts.st_mode)) {
    note(path.c_str(), facts.st_size);
  }
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
  const int result = meddle("syncfs", ours, [&] { return call(fd); });
  if (result == 0 && ours && plan().kind == Kind::note) {
    ftw(plan().prefix.c_str(), note_file, 16);
  }
  return result;
}

int rename(const char* from, const char* to) noexcept {
  static const auto call = real<int (*)(const char*, const char*)>("rename");
  const bool ours = plan().kind != Kind::none && watched(from);
  const int result = meddle("rename", ours, [&] { return call(from, to); });
  struct stat facts {};
  // Whoever renames has synced before, or means to lose the content.
  if (result == 0 && ours && plan().kind == Kind::note && stat(to, &facts) == 0) {
    note(to, facts.st_size);
  }
  return result;
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
