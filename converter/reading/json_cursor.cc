#include "converter/reading/json_cursor.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <bitset>
#include <cstring>
#include <utility>

#include "converter/reading/string_scan.h"

namespace albicilla {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

JsonCursor::JsonCursor(std::string_view text, const KnownText& known) : JsonCursor(text) {
  if (known.strings == nullptr || text.empty()) return;
  known_begin_ = known.begin;
  known_ = known.strings->from(static_cast<std::size_t>(begin_ - known.begin));
  known_end_ = known.strings->end();
}

bool JsonCursor::fail(const char* reason) {
  if (error_ == nullptr) error_ = reason;
  end_ = at_;
  return false;
}

void JsonCursor::skip_space() {
  while (at_ < end_ && is_space(*at_)) ++at_;
}

JsonCursor JsonCursor::behind_element(std::string_view rest, unsigned depth) {
  JsonCursor cursor(rest);
  cursor.depth_ = depth;
  return cursor;
}

JsonKind JsonCursor::kind() {
  skip_space();
  switch (next()) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return next() == '-' || is_digit(next()) ? JsonKind::number : JsonKind::absent;
  }
}

bool JsonCursor::begin_object() {
  skip_space();
  if (next() != '{') return fail("an object was expected");
  if (++depth_ > kMostJsonDepth) return fail("nested too deep");
  ++at_;
  first_ = true;
  return true;
}

bool JsonCursor::begin_array() {
  skip_space();
  if (next() != '[') return fail("an array was expected");
  if (++depth_ > kMostJsonDepth) return fail("nested too deep");
  ++at_;
  first_ = true;
  return true;
}

bool JsonCursor::scan_key(RawString& key) {
  skip_space();
  if (next() != '"') return fail("a key was expected");
  if (!scan_string(key)) return false;
  skip_space();
  if (next() != ':') return fail("':' was expected after a key");
  ++at_;
  return true;
}

bool JsonCursor::next_member(RawString& key) {
  if (failed()) return false;
  skip_space();
  const bool first = std::exchange(first_, false);
  if (next() == '}') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (next() != ',') return fail("',' or '}' was expected in an object");
    ++at_;
  }
  return scan_key(key);
}

bool JsonCursor::next_element() {
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
bool JsonCursor::scan_short(RawString& value) {
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
  value.body = {at_, static_cast<std::size_t>(size)};
  at_ += size + 1;
  return true;
#else
  (void)value;
  return false;
#endif
}

// Takes a string whose end is known.
bool JsonCursor::scan_known(RawString& value) {
  const auto at = static_cast<std::size_t>(at_ - known_begin_);
  while (known_ != known_end_ && known_->at < at) ++known_;
  if (known_ == known_end_ || known_->at != at) return false;
  if (known_->size >= static_cast<std::size_t>(end_ - at_)) return false;
  value = {{at_, known_->size}, known_->escaped, known_->canonical};
  at_ += known_->size + 1;
  ++known_;
  return true;
}

// Stands at the opening quote.
bool JsonCursor::scan_string(RawString& value) {
  ++at_;
  value.escaped = false;
  value.canonical = true;
  if (scan_short(value)) return true;
  if (known_ != known_end_ && scan_known(value)) return true;
  const char* const from = at_;
  const StringScan scan = scan_json_string(from, end_);
  at_ = scan.at;
  if (scan.error != nullptr) return fail(scan.error);
  value = {{from, static_cast<std::size_t>(at_ - from)}, scan.escaped, scan.canonical};
  ++at_;
  if (learned_ != nullptr) {
    learned_->add({static_cast<std::size_t>(from - begin_), value.body.size(), value.escaped,
                   value.canonical});
  }
  return true;
}

bool JsonCursor::scan_number() {
  if (next() == '-') ++at_;
  if (!is_digit(next())) return fail("a value was expected");
  if (next() == '0') {
    ++at_;
  } else {
    while (is_digit(next())) ++at_;
  }
  if (next() == '.') {
    ++at_;
    if (!is_digit(next())) return fail("a digit was expected after '.'");
    while (is_digit(next())) ++at_;
  }
  if (next() == 'e' || next() == 'E') {
    ++at_;
    if (next() == '+' || next() == '-') ++at_;
    if (!is_digit(next())) return fail("a digit was expected in an exponent");
    while (is_digit(next())) ++at_;
  }
  return true;
}

bool JsonCursor::scan_word(std::string_view word) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word) {
    return fail("a value was expected");
  }
  at_ += word.size();
  return true;
}

bool JsonCursor::scan_scalar() {
  switch (next()) {
    case '"': {
      RawString ignored;
      return scan_string(ignored);
    }
    case 't':
      return scan_word("true");
    case 'f':
      return scan_word("false");
    case 'n':
      return scan_word("null");
    default:
      return scan_number();
  }
}

bool JsonCursor::string(RawString& value) {
  skip_space();
  if (next() != '"') return fail("a string was expected");
  return scan_string(value);
}

bool JsonCursor::skip() {
  if (failed()) return false;
  std::bitset<kMostJsonDepth> is_object;  // of the containers opened here, by nesting
  unsigned open = 0;
  RawString key;
  for (;;) {
    skip_space();
    const char c = next();
    if (c == '{' || c == '[') {
      if (depth_ + open >= kMostJsonDepth) return fail("nested too deep");
      ++at_;
      skip_space();
      if (next() != (c == '{' ? '}' : ']')) {
        is_object[open++] = c == '{';
        if (c == '{' && !scan_key(key)) return false;
        continue;
      }
      ++at_;
    } else if (!scan_scalar()) {
      return false;
    }
    for (;;) {  // a value is done: close what it closes
      if (open == 0) return true;
      skip_space();
      const bool object = is_object[open - 1];
      if (next() == ',') {
        ++at_;
        if (object && !scan_key(key)) return false;
        break;
      }
      if (next() != (object ? '}' : ']')) return fail("',' or a closing bracket was expected");
      ++at_;
      --open;
    }
  }
}

bool JsonCursor::skip(std::string_view& raw) {
  skip_space();
  const char* const from = at_;
  if (!skip()) return false;
  raw = {from, static_cast<std::size_t>(at_ - from)};
  return true;
}

bool JsonCursor::skip_known(std::string_view raw) {
  skip_space();
  if (raw.empty() || static_cast<std::size_t>(end_ - at_) < raw.size()) return false;
  if (std::memcmp(at_, raw.data(), raw.size()) != 0) return false;
  at_ += raw.size();
  return true;
}

bool JsonCursor::at_end() {
  skip_space();
  return !failed() && at_ == end_;
}

}  // namespace albicilla
