#include "converter/viewer/words.h"

#include <algorithm>
#include <array>
#include <bit>
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
  unsigned char folded[256] = {};  // 0 for bytes that are not ASCII, too
  constexpr AsciiTable() {
    for (unsigned i = 0; i < 128; ++i) folded[i] = ascii_fold(static_cast<unsigned char>(i));
  }
};
constexpr AsciiTable kAscii;

// `from` has eight bytes at least, however many of them are the word's.
std::uint64_t load_head(const char* from, std::size_t size) {
  std::uint64_t head = 0;
  std::memcpy(&head, from, sizeof head);
  const std::size_t unused = 8 * (8 - std::min<std::size_t>(size, 8));
  if constexpr (std::endian::native == std::endian::big)
    return unused == 64 ? 0 : head >> unused << unused;
  return unused == 64 ? 0 : head << unused >> unused;
}

}  // namespace

std::uint64_t word_head(std::string_view folded) {
  char bytes[8] = {};
  folded.copy(bytes, sizeof bytes);
  return load_head(bytes, folded.size());
}

bool WordSplitter::next(Word& word) {
  const char* const end = text_.data() + text_.size();
  const char* from = text_.data() + at_;
  std::size_t size = 0;
  const char* begin = from;
  while (from < end) {
    const auto lead = static_cast<unsigned char>(*from);
    if (const unsigned char folded = kAscii.folded[lead]; folded != 0) {
      if (size < kMostWordBytes) folded_[size++] = static_cast<char>(folded);
      ++from;
      continue;
    }
    if (lead < 0x80) {
      if (size > 0) break;
      begin = ++from;
      continue;
    }
    const Step step = take_character(from, size);
    if (step == Step::separates && size == 0) {
      begin = from;
    } else if (step != Step::belongs) {
      break;
    }
  }
  at_ = static_cast<std::size_t>(from - text_.data());
  if (size == 0) return false;
  word = {std::string_view(folded_, size), load_head(folded_, size),
          static_cast<std::size_t>(begin - text_.data()), at_};
  return true;
}

// One character that is not ASCII. Passed over unless it begins the next word.
WordSplitter::Step WordSplitter::take_character(const char*& from, std::size_t& size) {
  const auto at = static_cast<std::size_t>(from - text_.data());
  const Decoded decoded = decode(text_, at);
  if (decoded.code == 0 || separates(decoded.code)) {
    if (size == 0) from += decoded.bytes;
    return Step::separates;
  }
  const bool alone = stands_alone(decoded.code);
  if (alone && size > 0) return Step::ends;
  if (size + decoded.bytes <= kMostWordBytes) {
    if (decoded.bytes == 2) {
      put(folded_ + size, fold(decoded.code));
    } else {
      text_.copy(folded_ + size, decoded.bytes, at);
    }
    size += decoded.bytes;
  }
  from += decoded.bytes;
  return alone ? Step::ends : Step::belongs;
}

}  // namespace albicilla::viewer
