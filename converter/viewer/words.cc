#include "converter/viewer/words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace albicilla::viewer {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// One code point at `at`; code 0 for bytes that are no UTF-8.
Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(at);
  std::size_t size = 0;
  char32_t code = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
    code = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    code = lead & 0x0F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    code = lead & 0x07;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned more = byte(at + i);
    if ((more & 0xC0) != 0x80) return {};
    code = (code << 6) | (more & 0x3F);
  }
  return {code, size};
}

bool between(char32_t code, char32_t from, char32_t to) { return code >= from && code <= to; }

// Han, kana, Hangul, Thai, Lao, Khmer, Myanmar: no spaces between words.
bool stands_alone(char32_t code) {
  return between(code, 0x2E80, 0x2FDF) || between(code, 0x3040, 0x30FF) ||
         between(code, 0x3400, 0x4DBF) || between(code, 0x4E00, 0x9FFF) ||
         between(code, 0xAC00, 0xD7AF) || between(code, 0xF900, 0xFAFF) ||
         between(code, 0x0E00, 0x0EFF) || between(code, 0x1780, 0x17FF) ||
         between(code, 0x1000, 0x109F) || between(code, 0x20000, 0x3FFFF);
}

// Signs, spaces, marks and private use separate; letters of every script do not.
bool separates(char32_t code) {
  return between(code, 0x80, 0xA9) || between(code, 0xAB, 0xB4) || between(code, 0xB6, 0xB9) ||
         between(code, 0xBB, 0xBF) || code == 0xD7 || code == 0xF7 ||
         between(code, 0x2000, 0x2BFF) || between(code, 0x3000, 0x303F) ||
         between(code, 0xE000, 0xF8FF) || between(code, 0xFE00, 0xFE6F) ||
         between(code, 0xFF00, 0xFF0F) || between(code, 0xFF1A, 0xFF20) ||
         between(code, 0xFFF0, 0xFFFF) || between(code, 0x1F000, 0x1FAFF) || code == 0x1680 ||
         code == 0xFEFF;
}

char32_t fold(char32_t code) {
  if (between(code, 0xC0, 0xDE)) return code + 0x20;  // U+00D7 separates
  if (between(code, 0x100, 0x137) || between(code, 0x14A, 0x177)) return code | 1;
  if ((between(code, 0x139, 0x148) || between(code, 0x179, 0x17E)) && code % 2 == 1) {
    return code + 1;
  }
  if (between(code, 0x391, 0x3A9)) return code + 0x20;
  if (between(code, 0x410, 0x42F)) return code + 0x20;
  if (between(code, 0x400, 0x40F)) return code + 0x50;
  if (between(code, 0x460, 0x481) || between(code, 0x48A, 0x4BF)) return code | 1;
  return code;
}

// Only code points of two bytes are folded, and to code points of two bytes.
void put(char* out, char32_t code) {
  out[0] = static_cast<char>(0xC0 | (code >> 6));
  out[1] = static_cast<char>(0x80 | (code & 0x3F));
}

// 0: separates; else the lower-case byte.
constexpr unsigned char ascii_fold(unsigned char c) {
  if (c >= 'a' && c <= 'z') return c;
  if (c >= '0' && c <= '9') return c;
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned char>(c + 32);
  return c == '_' ? c : 0;
}

struct AsciiTable {
  unsigned char folded[128] = {};
  constexpr AsciiTable() {
    for (unsigned i = 0; i < 128; ++i) folded[i] = ascii_fold(static_cast<unsigned char>(i));
  }
};
constexpr AsciiTable kAscii;

// Remembers what a text said lately; forgets freely, but never errs.
class SaidWords {
 public:
  // True when these bytes were said before. They must stay where they are.
  bool said(std::string_view word) {
    std::string_view& slot = slots_[slot_of(word)];
    if (slot == word) return true;
    slot = word;
    return false;
  }

 private:
  static constexpr unsigned kSlotBits = 9;

  static std::size_t slot_of(std::string_view word) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const std::size_t part = std::min<std::size_t>(word.size(), 8);
    std::memcpy(&begin, word.data(), part);
    std::memcpy(&end, word.data() + word.size() - part, part);
    const std::uint64_t mixed = (begin ^ (end << 7) ^ word.size()) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(mixed >> (64 - kSlotBits));
  }

  std::array<std::string_view, std::size_t{1} << kSlotBits> slots_;
};

}  // namespace

bool WordSplitter::next(Word& word) {
  std::size_t size = 0;
  std::size_t begin = at_;
  while (at_ < text_.size()) {
    const auto lead = static_cast<unsigned char>(text_[at_]);
    if (lead < 0x80) {
      const unsigned char folded = kAscii.folded[lead];
      if (folded == 0) {
        if (size > 0) break;
        begin = ++at_;
        continue;
      }
      if (size < kMostWordBytes) folded_[size++] = static_cast<char>(folded);
      ++at_;
      continue;
    }
    const Decoded decoded = decode(text_, at_);
    if (decoded.code == 0 || separates(decoded.code)) {
      if (size > 0) break;
      begin = at_ += decoded.bytes;
      continue;
    }
    const bool alone = stands_alone(decoded.code);
    if (alone && size > 0) break;
    if (size + decoded.bytes <= kMostWordBytes) {
      if (decoded.bytes == 2) {
        put(folded_ + size, fold(decoded.code));
      } else {
        text_.copy(folded_ + size, decoded.bytes, at_);
      }
      size += decoded.bytes;
    }
    at_ += decoded.bytes;
    if (alone) break;
  }
  if (size == 0) return false;
  word = {std::string_view(folded_, size), begin, at_};
  return true;
}

std::string distinct_words(std::string_view text) {
  std::string words;
  words.reserve(text.size() + 1);
  SaidWords before;
  WordSplitter splitter(text);
  WordSplitter::Word word;
  while (splitter.next(word)) {
    if (before.said(text.substr(word.begin, word.end - word.begin))) continue;
    words += word.folded;
    words += ' ';
  }
  if (words.empty()) words = " ";
  return words;
}

}  // namespace albicilla::viewer
