// Which hashes were there before: eight bytes each in an open-addressing table, for millions of
// sessions. Two texts may share a hash once in 2^64 pairs, so only for what a false yes does not
// harm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "converter/reading/hash128.h"

namespace albicilla {

// Not thread safe.
class HashSet {
 public:
  bool contains(const Hash128& hash) const {
    return !slots_.empty() && slots_[place_of(key_of(hash))] != kFree;
  }

  // False when it was there before.
  bool insert(const Hash128& hash) {
    if ((used_ + 1) * 3 > slots_.size() * 2) grow();
    std::uint64_t& slot = slots_[place_of(key_of(hash))];
    const bool is_new = slot == kFree;
    used_ += is_new ? 1 : 0;
    slot = key_of(hash);
    return is_new;
  }
  // It will be asked for soon: a large set lies in slow memory.
  [[gnu::always_inline]] void expect(const Hash128& hash) const {  // else the compiler drops it
    if (!slots_.empty()) __builtin_prefetch(&slots_[first_place(key_of(hash))]);
  }

  void clear() {
    if (used_ > 0) slots_ = {};
    used_ = 0;
  }

 private:
  static constexpr std::uint64_t kFree = 0;

  static std::uint64_t key_of(const Hash128& hash) { return hash.low == kFree ? 1 : hash.low; }

  std::size_t first_place(std::uint64_t key) const {
    return static_cast<std::size_t>(key >> 32) & (slots_.size() - 1);
  }

  std::size_t place_of(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = first_place(key);
    while (slots_[place] != kFree && slots_[place] != key) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? 64 : slots_.size() * 2, kFree);
    std::swap(old, slots_);
    for (const std::uint64_t key : old) {
      if (key != kFree) slots_[place_of(key)] = key;
    }
  }

  std::vector<std::uint64_t> slots_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace albicilla
