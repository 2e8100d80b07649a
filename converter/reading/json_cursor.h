// Walks JSON text (RFC 8259, strict) forward and hands out its bytes as they were written, so that
// numbers, key order and escapes survive. It may start at any value inside a document: that is what
// lets the converter skip bytes which it has seen before. Pure; never allocates.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "common/json/scan.h"
#include "common/json/walk.h"
#include "converter/reading/known_strings.h"
#include "converter/reading/string_scan.h"

namespace albicilla {

// Views point into the text given to the constructor, which must outlive them. UTF-8 is not checked
// here (is_utf8 of common/json does that for a whole line at once). Text nested deeper than
// kMostJsonDepth is refused. After a failure every further
// call fails. Belongs to one thread.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  // The same over `text` inside a larger one of which something is known.
  JsonCursor(std::string_view text, const KnownText& known);
  // Notes where long strings stand from now on; places are counted from the text's first byte.
  void learn(KnownStrings& strings) { learned_ = &strings; }

  // Goes on inside an array, behind one of its elements; `depth` containers are open there.
  static JsonCursor behind_element(std::string_view rest, unsigned depth);

  // What comes next; absent at the end of the text, before a closing bracket and after a failure.
  JsonKind kind();

  // Members: `if (c.begin_object()) while (c.next_member(key)) { consume one value }`.
  bool begin_object();
  bool next_member(RawString& key);
  // Elements: `if (c.begin_array()) while (c.next_element()) { consume one value }`.
  bool begin_array();
  bool next_element();

  bool string(RawString& value);
  // Any value, checked and passed over; `raw` is its text.
  bool skip(std::string_view& raw);
  bool skip();
  // Takes `raw`, the text of a whole container or string that was checked before, if the same
  // bytes come next.
  bool skip_known(std::string_view raw);

  // Takes the next `size` bytes: whole members, or elements, of the innermost container with the
  // commas between them, of which it is known that they are valid.
  void pass_members(std::size_t size) {
    at_ += size;
    first_ = false;
  }

  // True when only white space is left.
  bool at_end();
  bool failed() const { return error_ != nullptr; }
  // What was wrong; nullptr when nothing was.
  const char* error() const { return error_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  // What has not been walked over yet.
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  // Containers that are open.
  unsigned depth() const { return depth_; }

 private:
  void skip_space();
  char next() const { return at_ < end_ ? *at_ : '\0'; }
  bool fail(const char* reason);
  bool begin(char bracket, const char* otherwise);
  bool scan_string(RawString& value);
  bool scan_short(RawString& value);
  bool scan_known(RawString& value);
  bool scan_long(RawString& value);
  bool scan_number();
  bool scan_word(std::string_view word);
  bool scan_scalar();
  bool skip_container();
  bool scan_key(RawString& key);
  bool next_short_member(RawString& key);
  bool next_other_member(RawString& key);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* error_ = nullptr;
  unsigned depth_ = 0;
  bool first_ = false;  // no member or element of the innermost container has been given out yet
  const char* known_begin_ = nullptr;
  const KnownStrings::Place* known_ = nullptr;  // the next one
  const KnownStrings::Place* known_end_ = nullptr;
  KnownStrings* learned_ = nullptr;
};

// What follows is small, called for every token, and worth its place in the callers.

inline bool JsonCursor::fail(const char* reason) {
  if (error_ == nullptr) error_ = reason;
  end_ = at_;
  return false;
}

inline void JsonCursor::skip_space() {
  while (at_ < end_ && static_cast<unsigned char>(*at_) <= ' ') {
    if (*at_ != ' ' && *at_ != '\n' && *at_ != '\r' && *at_ != '\t') return;
    ++at_;
  }
}

inline JsonCursor JsonCursor::behind_element(std::string_view rest, unsigned depth) {
  JsonCursor cursor(rest);
  cursor.depth_ = depth;
  return cursor;
}

inline JsonKind JsonCursor::kind() {
  skip_space();
  const char c = next();
  if (c == '"') return JsonKind::string;
  if (c == '{') return JsonKind::object;
  if (c == '[') return JsonKind::array;
  if (c == '-' || (c >= '0' && c <= '9')) return JsonKind::number;
  if (c == 't' || c == 'f') return JsonKind::boolean;
  return c == 'n' ? JsonKind::null : JsonKind::absent;
}

inline bool JsonCursor::begin(char bracket, const char* otherwise) {
  skip_space();
  if (next() != bracket) return fail(otherwise);
  if (++depth_ > kMostJsonDepth) return fail("nested too deep");
  ++at_;
  first_ = true;
  return true;
}

inline bool JsonCursor::begin_object() { return begin('{', "an object was expected"); }

inline bool JsonCursor::begin_array() { return begin('[', "an array was expected"); }

inline bool JsonCursor::scan_key(RawString& key) {
  skip_space();
  if (next() != '"') return fail("a key was expected");
  if (!scan_string(key)) return false;
  skip_space();
  if (next() != ':') return fail("':' was expected after a key");
  ++at_;
  return true;
}

// The next member where it stands as we write it: no space, a short key. False leaves all as it
// was.
inline bool JsonCursor::next_short_member(RawString& key) {
#if defined(__SSE2__)
  constexpr std::ptrdiff_t kComma = 1;
  constexpr std::ptrdiff_t kLongest = 15;  // key; with what stands around it that is
  constexpr std::ptrdiff_t kMost = kComma + 1 + kLongest + 2;
  if (end_ - at_ < kMost) return false;  // as after a failure
  const char* const quote = at_ + (first_ ? 0 : kComma);
  if (*quote != '"' || (!first_ && *at_ != ',')) return false;
  const char* const from = quote + 1;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i stops =
      _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
                   _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes));
  const int size = std::countr_zero(static_cast<unsigned>(_mm_movemask_epi8(stops)) | 0x10000U);
  if (size > kLongest || from[size] != '"' || from[size + 1] != ':') return false;
  key = {{from, static_cast<std::size_t>(size)}, false, true};
  at_ = from + size + 2;
  first_ = false;
  return true;
#else
  (void)key;
  return false;
#endif
}

inline bool JsonCursor::next_member(RawString& key) {
  return next_short_member(key) || next_other_member(key);
}

inline bool JsonCursor::next_element() {
  if (failed()) return false;
  skip_space();
  const bool first = std::exchange(first_, false);
  if (next() == ']') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (next() != ',') return fail("',' or ']' was expected in an array");
    ++at_;
  }
  return at_ < end_ || fail("text ends inside an array");
}

// A key or another short word: its closing quote is near and nothing else stops before it.
inline bool JsonCursor::scan_short(RawString& value) {
#if defined(__SSE2__)
  if (end_ - at_ < 16) return false;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i others =
      _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')),
                   _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes));
  const auto stops = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(quotes, others)));
  const int size = std::countr_zero(stops | 0x10000U);
  if (size == 16 || at_[size] != '"') return false;
  value = {{at_, static_cast<std::size_t>(size)}, false, true};
  at_ += size + 1;
  return true;
#else
  (void)value;
  return false;
#endif
}

// Stands at the opening quote.
inline bool JsonCursor::scan_string(RawString& value) {
  ++at_;
  return scan_short(value) || scan_long(value);
}

inline bool JsonCursor::string(RawString& value) {
  skip_space();
  if (next() != '"') return fail("a string was expected");
  return scan_string(value);
}

inline bool JsonCursor::skip(std::string_view& raw) {
  skip_space();
  const char* const from = at_;
  if (!skip()) return false;
  raw = {from, static_cast<std::size_t>(at_ - from)};
  return true;
}

inline bool JsonCursor::skip_known(std::string_view raw) {
  skip_space();
  if (raw.empty() || static_cast<std::size_t>(end_ - at_) < raw.size()) return false;
  if (std::memcmp(at_, raw.data(), raw.size()) != 0) return false;
  at_ += raw.size();
  return true;
}

inline bool JsonCursor::at_end() {
  skip_space();
  return !failed() && at_ == end_;
}

}  // namespace albicilla
