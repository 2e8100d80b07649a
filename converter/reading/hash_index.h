// From hashes to numbers: an open-addressing table for the hot path, where std::unordered_map's
// allocation per entry would cost more than the hashing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "converter/reading/hash128.h"

namespace albicilla {

// Keys are hashes already, so their bits are taken as they are. Not thread safe.
class HashIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::uint32_t find(const Hash128& key) const {
    if (slots_.empty()) return kNone;
    return slots_[place_of(key)].value;
  }

  // Sets or replaces; `value` must not be kNone.
  void put(const Hash128& key, std::uint32_t value) {
    if ((used_ + 1) * 3 > slots_.size() * 2) grow();
    Slot& slot = slots_[place_of(key)];
    if (slot.value == kNone) ++used_;
    slot = {key, value};
  }

  // A small table stays for the next use.
  void clear() {
    if (used_ == 0) return;
    constexpr std::size_t kSmall = 256;
    if (slots_.size() <= kSmall) {
      slots_.assign(slots_.size(), Slot{});
    } else {
      slots_ = {};
    }
    used_ = 0;
  }

  std::size_t size() const { return used_; }

 private:
  struct Slot {
    Hash128 key;
    std::uint32_t value = kNone;
  };

  std::size_t place_of(const Hash128& key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = static_cast<std::size_t>(key.low) & mask;
    while (slots_[place].value != kNone && slots_[place].key != key) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    std::swap(old, slots_);
    for (const Slot& slot : old) {
      if (slot.value != kNone) slots_[place_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace albicilla
