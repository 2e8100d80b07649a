// What the outbox tells of itself: counted on its threads, read from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace albicilla {

// A snapshot for /metrics and /readyz.
struct OutboxStats {
  std::uint64_t spool_bytes = 0;
  std::uint64_t spool_limit_bytes = 0;
  std::uint64_t waiting_bytes = 0;  // said, not written
  std::uint64_t unacknowledged_records = 0;
  std::uint64_t open_exchanges = 0;
  std::uint64_t sent_records = 0;  // resent ones count again
  std::uint64_t acknowledged_records = 0;
  std::uint64_t recovered_exchanges = 0;
  std::uint64_t resends = 0;           // rounds begun because records were lost
  std::uint64_t gaps = 0;              // damage in the spool: records that nobody can send any more
  std::uint64_t foreign_sinks = 0;     // watermarks refused: of another log root
  std::uint64_t false_watermarks = 0;  // refused: above what was sent, or unreadable
  bool accepting = false;
  bool sinks_reached = false;  // every sink has answered since the start
};

// Relaxed counters: each is right by itself, no two are of one moment.
struct OutboxCounters {
  std::atomic<std::uint64_t> unacknowledged_records{0};
  std::atomic<std::uint64_t> open_exchanges{0};
  std::atomic<std::uint64_t> sent_records{0};
  std::atomic<std::uint64_t> acknowledged_records{0};
  std::atomic<std::uint64_t> recovered_exchanges{0};
  std::atomic<std::uint64_t> resends{0};
  std::atomic<std::uint64_t> gaps{0};
  std::atomic<std::uint64_t> foreign_sinks{0};
  std::atomic<std::uint64_t> false_watermarks{0};
  std::atomic<bool> sinks_reached{false};
};

// The key for derived session ids, which sinks send along. Thread safe.
class SessionSecret {
 public:
  std::string get() const {
    const std::lock_guard lock(mutex_);
    return secret_;
  }
  void set(const std::string& secret) {
    const std::lock_guard lock(mutex_);
    secret_ = secret;
  }

 private:
  mutable std::mutex mutex_;
  std::string secret_;
};

}  // namespace albicilla
