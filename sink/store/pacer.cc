#include "sink/store/pacer.h"

#include <algorithm>

namespace albicilla {

std::chrono::nanoseconds TokenBucket::take(std::uint64_t bytes, SteadyTime now) {
  if (rate_ == 0) return std::chrono::nanoseconds{0};
  const auto wait = std::max(free_at_, now) - now;
  const double seconds = static_cast<double>(bytes) / static_cast<double>(rate_);
  free_at_ = now + wait + std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
  return wait;
}

bool Pacer::wait_to_send(std::uint64_t bytes) {
  std::unique_lock lock(mutex_);
  const auto wait = bucket_.take(bytes, clock_.steady());
  if (wait.count() > 0) wake_.wait_for(lock, wait, [&] { return stopped_; });
  return !stopped_;
}

bool Pacer::wait_for(std::chrono::nanoseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [&] { return stopped_; });
  return !stopped_;
}

void Pacer::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

bool Pacer::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace albicilla
