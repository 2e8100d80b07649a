// The words that the messages of a batch say, as numbers: each word once a message. Made while the
// lines are read, so that the thread that writes looks a word up once a batch.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "converter/viewer/word_table.h"

namespace albicilla::viewer {

// A message's stretch of its batch's SaidWords.
struct WordSpan {
  std::uint32_t begin = 0;
  std::uint32_t count = 0;
};

// A value; one thread at a time.
class SaidWords {
 public:
  explicit SaidWords(HashKey key) : table_(key) {}

  // Splits the text (words.h).
  WordSpan add(std::string_view text);

  // Numbers of `table`, each once, in the order in which they were first said.
  std::span<const std::uint32_t> of(WordSpan span) const {
    return std::span(numbers_).subspan(span.begin, span.count);
  }
  const WordTable& table() const { return table_; }
  std::size_t bytes() const { return table_.bytes() + numbers_.size() * sizeof(std::uint32_t); }

 private:
  WordTable table_;
  std::vector<std::uint32_t> numbers_;
  std::uint32_t texts_ = 0;
};

}  // namespace albicilla::viewer
