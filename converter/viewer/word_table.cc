#include "converter/viewer/word_table.h"

#include <algorithm>

namespace albicilla::viewer {
namespace {

constexpr std::size_t kFewestSlots = 1024;
constexpr std::size_t kShortWord = 8;  // bytes; its key is the word itself, a longer one's its hash

__extension__ using Wide = unsigned __int128;

// Both halves of the product, folded.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

WordTable::WordTable(HashKey key) : key_(key), slots_(kFewestSlots) {}

std::uint64_t WordTable::hash(std::string_view word) const {
  std::uint64_t state = key_.low ^ word.size();
  for (; !word.empty(); word.remove_prefix(std::min<std::size_t>(word.size(), 8))) {
    state = mix(state ^ word_head(word), multiplier());
  }
  return state;
}

std::size_t WordTable::home_of(std::uint64_t key) const {
  return static_cast<std::size_t>(mix(key ^ key_.low, multiplier())) & (slots_.size() - 1);
}

WordTable::Slot& WordTable::find(std::string_view word, std::uint64_t head) {
  if (ends_.size() * 2 >= slots_.size()) grow();
  const std::uint64_t key = word.size() <= kShortWord ? head : hash(word);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = home_of(key);; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.place == 0) {
      letters_ += word;
      ends_.push_back(static_cast<std::uint32_t>(letters_.size()));
      slot.key = key;
      slot.place = size() & 0x3ffffff;
      slot.bytes = word.size() & 0x3f;
      return slot;
    }
    if (slot.key != key || slot.bytes != word.size()) continue;
    if (word.size() <= kShortWord || this->word(slot.place - 1) == word) return slot;
  }
}

std::string_view WordTable::word(std::uint32_t number) const {
  const std::uint32_t begin = number == 0 ? 0 : ends_[number - 1];
  return {letters_.data() + begin, ends_[number] - begin};
}

void WordTable::grow() {
  std::vector<Slot> before(slots_.size() * 2);
  slots_.swap(before);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : before) {
    if (slot.place == 0) continue;
    std::size_t at = home_of(slot.key);
    while (slots_[at].place != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

void WordTable::clear() {
  slots_.assign(kFewestSlots, {});
  letters_.clear();
  ends_.clear();
}

}  // namespace albicilla::viewer
