// Preloaded into a whole pipeline: its wall clock goes wrong by as many microseconds as stand in
// the eight bytes of the file that CLOCK_OFFSET names, from the moment they are written. Nothing
// else does: what waits or measures must not notice.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t kMicrosecond = 1000;  // in nanoseconds
constexpr std::int64_t kSecond = 1'000'000 * kMicrosecond;

const std::atomic<std::int64_t>* map_offset() {
  const char* const path = getenv("CLOCK_OFFSET");
  if (path == nullptr) return nullptr;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) abort();
  void* const memory = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) abort();
  return static_cast<const std::atomic<std::int64_t>*>(memory);
}

std::int64_t offset() {
  static const std::atomic<std::int64_t>* const mapped = map_offset();
  return mapped == nullptr ? 0 : mapped->load() * kMicrosecond;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const auto result = syscall(SYS_clock_gettime, clock, now);
  if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) {
    return static_cast<int>(result);
  }
  const std::int64_t wrong = now->tv_sec * kSecond + now->tv_nsec + offset();
  now->tv_sec = wrong / kSecond;
  now->tv_nsec = wrong % kSecond;
  return 0;
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec precise{};
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / kMicrosecond;
  return 0;
}

time_t time(time_t* now) noexcept {
  timespec precise{};
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  if (now != nullptr) *now = precise.tv_sec;
  return precise.tv_sec;
}

}  // extern "C"
