#include "proxy/middleware/rate_table.h"

#include <algorithm>
#include <limits>

namespace albicilla {

namespace {

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::size_t kProbes = 16;

// FNV-1a with a final mix; never 0.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : name) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
  }
  hash ^= hash >> 32;
  hash *= 0x9E3779B97F4A7C15ULL;
  return (hash ^ (hash >> 29)) | 1;
}

std::int64_t span_of(Rate rate, std::uint64_t cost) {
  const double nanoseconds = static_cast<double>(kMinute) * static_cast<double>(cost) /
                             static_cast<double>(rate.per_minute);
  constexpr double kMost = 1e17;  // three years: enough, and no overflow when added to now
  return static_cast<std::int64_t>(std::min(nanoseconds, kMost));
}

std::int64_t nanoseconds(SteadyTime now) { return now.time_since_epoch().count(); }

}  // namespace

RateSlot* RateTable::slot_of(std::string_view name, std::int64_t now) {
  const std::uint64_t hash = hash_of(name);
  RateSlot* spare = nullptr;
  std::uint64_t spare_name = 0;
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    RateSlot& slot = slots_[(hash + probe) & (slots_.size() - 1)];
    const std::uint64_t held = slot.name.load(std::memory_order_acquire);
    if (held == hash) return &slot;
    const bool spent = held == 0 || slot.until.load(std::memory_order_relaxed) <= now;
    if (spare == nullptr && spent) {
      spare = &slot;
      spare_name = held;
    }
  }
  if (spare == nullptr || !spare->name.compare_exchange_strong(spare_name, hash)) {
    // Full, or another worker took the slot this moment, perhaps for the same name.
    if (spare != nullptr && spare_name == hash) return spare;
    overflows_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  return spare;
}

RateDecision RateTable::take(std::string_view name, Rate rate, std::uint64_t cost,
                             SteadyTime now_time) {
  if (rate.per_minute == 0) return {};
  const std::int64_t now = nanoseconds(now_time);
  RateSlot* slot = slot_of(name, now);
  if (slot == nullptr) return {};
  const std::int64_t span = span_of(rate, cost);
  std::int64_t until = slot->until.load(std::memory_order_relaxed);
  while (true) {
    const std::int64_t next = std::max(until, now) + span;
    if (next - now > kMinute) return {false, std::chrono::nanoseconds(next - now - kMinute)};
    if (slot->until.compare_exchange_weak(until, next, std::memory_order_relaxed)) return {};
  }
}

void RateTable::charge(std::string_view name, Rate rate, std::uint64_t cost, SteadyTime now_time) {
  if (rate.per_minute == 0 || cost == 0) return;
  const std::int64_t now = nanoseconds(now_time);
  RateSlot* slot = slot_of(name, now);
  if (slot == nullptr) return;
  const std::int64_t span = span_of(rate, cost);
  std::int64_t until = slot->until.load(std::memory_order_relaxed);
  while (!slot->until.compare_exchange_weak(until, std::max(until, now) + span,
                                            std::memory_order_relaxed)) {
  }
}

}  // namespace albicilla
