// Gives every distinct word a number, in the order in which they come. What follows then handles
// numbers: a word is looked up once for every time that it is said, and nothing else of it is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "converter/viewer/keyed_hash.h"
#include "converter/viewer/words.h"

namespace albicilla::viewer {

// One thread. Words have at most kMostWordBytes (words.h). The key keeps a log from choosing words
// that all fall into one place.
class WordTable {
 public:
  explicit WordTable(HashKey key);

  // The word's number, a new one for a word that was not there.
  std::uint32_t number(std::string_view word) { return find(word, word_head(word)).place - 1; }
  // The same, but nothing when the text with this mark, which is not 0, said the word before.
  std::optional<std::uint32_t> number_once(const WordSplitter::Word& word, std::uint32_t text) {
    Slot& slot = find(word.folded, word.head);
    if (slot.text == text) return std::nullopt;
    slot.text = text;
    return slot.place - 1;
  }
  // Valid until the next word is added.
  std::string_view word(std::uint32_t number) const;
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }
  // Of all words together.
  std::size_t bytes() const { return letters_.size(); }
  void clear();

 private:
  // All that is read of a word of up to eight bytes.
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t place : 26 = 0;  // number + 1; 0 when free
    std::uint32_t bytes : 6 = 0;   // of the word
    std::uint32_t text = 0;        // that said it last
  };

  Slot& find(std::string_view word, std::uint64_t head);
  std::uint64_t hash(std::string_view word) const;
  std::size_t home_of(std::uint64_t key) const;
  std::uint64_t multiplier() const { return (key_.high ^ 0x9E3779B97F4A7C15ULL) | 1; }
  void grow();

  HashKey key_;
  std::vector<Slot> slots_;  // a power of two, at most half of them in use
  std::string letters_;
  std::vector<std::uint32_t> ends_;
};

}  // namespace albicilla::viewer
