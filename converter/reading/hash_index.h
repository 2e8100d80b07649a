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
    const Slot& slot = slots_[place_of(key)];
    return is_used(slot) ? slot.value : kNone;
  }

  // Sets or replaces; `value` must not be kNone.
  void put(const Hash128& key, std::uint32_t value) {
    if ((used_ + 1) * 3 > slots_.size() * 2) grow();
    Slot& slot = slots_[place_of(key)];
    if (!is_used(slot)) ++used_;
    slot = {key, value, round_};
  }

  // A small table stays for the next use.
  void clear() {
    if (used_ == 0) return;
    constexpr std::size_t kSmall = 256;
    if (slots_.size() > kSmall) slots_ = {};
    if (++round_ ==
        0) {  // once in four billion times: slots of the first rounds would be taken for new
      slots_ = {};
      round_ = 1;
    }
    used_ = 0;
  }

  std::size_t size() const { return used_; }

 private:
  struct Slot {
    Hash128 key;
    std::uint32_t value = kNone;
    std::uint32_t round = 0;  // in which it was put; of an earlier one it is free
  };

  bool is_used(const Slot& slot) const { return slot.round == round_; }

  std::size_t place_of(const Hash128& key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = static_cast<std::size_t>(key.low) & mask;
    while (is_used(slots_[place]) && slots_[place].key != key) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    std::swap(old, slots_);
    for (const Slot& slot : old) {
      if (is_used(slot)) slots_[place_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t used_ = 0;
  std::uint32_t round_ = 1;  // between two calls of clear()
};

}  // namespace albicilla
