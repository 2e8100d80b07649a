#include "proxy/outbox/crowding.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace albicilla {
namespace {

constexpr int kCrowdedShare = 20;  // one part in so many
constexpr std::chrono::milliseconds kLongestStandBack{1000};
constexpr std::uint64_t kMostHeldRecords = 4096;

}  // namespace

Crowding::Crowding(pid_t thread, const Clock& clock) : clock_(clock) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/schedstat";
  counts_ = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

// "time on a processor, time waiting for one, time slices", in nanoseconds.
std::optional<std::chrono::nanoseconds> Crowding::waited_so_far() const {
  std::array<char, 128> bytes{};
  const ssize_t size = ::pread(counts_.get(), bytes.data(), bytes.size(), 0);
  if (size <= 0) return std::nullopt;
  const std::string_view line(bytes.data(), static_cast<std::size_t>(size));
  const std::size_t at = line.find(' ');
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t waited = 0;
  const auto read = std::from_chars(line.data() + at + 1, line.data() + line.size(), waited);
  if (read.ec != std::errc()) return std::nullopt;
  return std::chrono::nanoseconds(waited);
}

bool Crowding::waits() {
  const auto before = waited_;
  const SteadyTime asked_before = asked_;
  waited_ = waited_so_far();
  asked_ = clock_.steady();
  if (!before || !waited_) return false;
  return (*waited_ - *before) * kCrowdedShare > asked_ - asked_before;
}

bool StandBack::wanted(bool crowded, SteadyTime now, std::uint64_t held) {
  if (!crowded) return false;
  if (!until_) until_ = now + kLongestStandBack;
  return now < *until_ && held < kMostHeldRecords;
}

}  // namespace albicilla
