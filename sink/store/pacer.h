// Holds an upload back to a bandwidth limit and ends it at shutdown: whoever sends bytes asks
// first.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "common/base/clock.h"

namespace albicilla {

// Pure: how long to wait before the next bytes go, so that no second carries more than `rate` plus
// one slice. A rate of 0 means no limit.
class TokenBucket {
 public:
  explicit TokenBucket(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}
  // The bytes are booked; sleep for the result before sending them.
  std::chrono::nanoseconds take(std::uint64_t bytes, SteadyTime now);

 private:
  std::uint64_t rate_;
  SteadyTime free_at_{};
};

// Thread safe. Shared by the stores of a sink, so the limit is one for all.
class Pacer {
 public:
  Pacer(const Clock& clock, std::uint64_t bytes_per_second)
      : clock_(clock), bucket_(bytes_per_second) {}
  // Waits until `bytes` may go; false when stop() was called: give up now.
  bool wait_to_send(std::uint64_t bytes);
  // Waits, for a retry; false when stop() was called.
  bool wait_for(std::chrono::nanoseconds time);
  void stop();
  bool stopped() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  TokenBucket bucket_;
  bool stopped_ = false;
};

}  // namespace albicilla
