// Rates that all workers of a host share: a fixed table in shared memory, one slot per name and
// rate, kept by the generic cell rate algorithm (ITU-T I.371): a slot is one time stamp, so a
// decision is one compare-and-swap and nothing has to be cleaned up. When all slots near a name are
// busy, the request is let through and counted: a limiter that is full must not refuse honest
// users.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/base/clock.h"

namespace albicilla {

// All zero is an empty slot, so fresh shared memory is an empty table.
struct RateSlot {
  std::atomic<std::uint64_t> name{0};  // hash; 0: free
  std::atomic<std::int64_t> until{0};  // theoretical arrival time, steady nanoseconds
};
static_assert(sizeof(RateSlot) == 16 && std::atomic<std::int64_t>::is_always_lock_free);

struct Rate {
  std::uint64_t per_minute = 0;  // 0: no limit
};

struct RateDecision {
  bool allowed = true;
  std::chrono::nanoseconds wait{0};  // until it would be allowed
};

// Thread and process safe: everything is atomic. `slots` outlives it; their number is a power of 2.
class RateTable {
 public:
  explicit RateTable(std::span<RateSlot> slots) : slots_(slots) {}

  // Takes `cost` from the name's allowance, a minute's worth of which may be used in one burst.
  RateDecision take(std::string_view name, Rate rate, std::uint64_t cost, SteadyTime now);
  // Takes it whether allowed or not: for costs that are known only afterwards.
  void charge(std::string_view name, Rate rate, std::uint64_t cost, SteadyTime now);

  std::uint64_t overflows() const { return overflows_.load(std::memory_order_relaxed); }

 private:
  RateSlot* slot_of(std::string_view name, std::int64_t now);

  std::span<RateSlot> slots_;
  std::atomic<std::uint64_t> overflows_{0};
};

}  // namespace albicilla
