// Splits text into the words that the search knows, the same way for what is indexed and for what
// is asked: runs of letters, digits and '_', folded to lower case (ASCII, Latin, Greek, Cyrillic).
// Scripts that write without spaces give one word a character, so that any part can be found.
// Pure: no locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace albicilla::viewer {

// Longer words are cut here, so base64 costs nothing and a hostile text cannot swell the index.
inline constexpr std::size_t kMostWordBytes = 48;

// The first eight bytes of a word, zeros behind a shorter one: the same whatever stands behind it.
std::uint64_t word_head(std::string_view folded);

// Gives one word after the other; `word` points into the splitter and is valid until the next call.
class WordSplitter {
 public:
  // `text` must outlive the splitter. Bytes that are no UTF-8 separate words.
  explicit WordSplitter(std::string_view text) : text_(text) {}

  struct Word {
    std::string_view folded;
    std::uint64_t head = 0;  // its first eight bytes, zeros behind a shorter one
    std::size_t begin = 0;   // where it stands in the text
    std::size_t end = 0;
  };
  // False at the end.
  bool next(Word& word);

 private:
  enum class Step { belongs, ends, separates };
  Step take_character(const char*& from, std::size_t& size);

  std::string_view text_;
  std::size_t at_ = 0;
  char folded_[kMostWordBytes + 8] = {};
};

}  // namespace albicilla::viewer
