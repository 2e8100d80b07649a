// Remembers which messages were handed to the index lately, in a fixed amount of memory. Clients
// send the whole history with every request: all but the newest messages of a line are found here
// and cost one hash of their bytes. Forgetting is harmless: the database knows them too.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace albicilla::viewer {

// One thread. Keys are keyed hashes, so a wrong hit is as unlikely as a broken memory cell.
class SeenMessages {
 public:
  // `slots` is a power of two; a slot takes 24 bytes.
  explicit SeenMessages(std::size_t slots) : texts_(slots), deliveries_(slots), mask_(slots - 1) {}

  // The hash of a message's words, by the hash of its bytes.
  std::optional<std::uint64_t> words_of(std::uint64_t raw) const {
    const Text& slot = texts_[raw & mask_];
    if (slot.raw != raw) return std::nullopt;
    return slot.words;
  }
  void remember(std::uint64_t raw, std::uint64_t words) { texts_[raw & mask_] = {raw, words}; }

  // True when this (message, session) was marked before; marks it.
  bool delivered(std::uint64_t pair) {
    std::uint64_t& slot = deliveries_[pair & mask_];
    if (slot == pair) return true;
    slot = pair;
    return false;
  }

  // After a batch that could not be written.
  void forget() {
    texts_.assign(texts_.size(), {});
    deliveries_.assign(deliveries_.size(), 0);
  }

 private:
  struct Text {
    std::uint64_t raw = 0;
    std::uint64_t words = 0;
  };
  std::vector<Text> texts_;
  std::vector<std::uint64_t> deliveries_;
  std::uint64_t mask_;
};

}  // namespace albicilla::viewer
