#include "converter/reading/json_cursor.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <bitset>
#include <cstring>
#include <utility>

namespace albicilla {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool ends_run(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// The first quote, backslash or control character at or after `at`; `end` when there is none.
const char* end_of_plain_run(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(special, control)));
    if (hits != 0) return at + std::countr_zero(hits);
    at += 16;
  }
#endif
  while (at < end && !ends_run(*at)) ++at;
  return at;
}

}  // namespace

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

bool JsonCursor::scan_escape(RawString& value) {
  value.escaped = true;
  if (end_ - at_ < 2) return fail("text ends inside a string");
  switch (at_[1]) {
    case '"':
    case '\\':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      at_ += 2;
      return true;
    case '/':
      value.canonical = false;
      at_ += 2;
      return true;
    case 'u':
      value.canonical = false;
      if (end_ - at_ < 6) return fail("text ends inside a string");
      for (int i = 2; i < 6; ++i) {
        if (!is_hex(at_[i])) return fail("\\u wants four hex digits");
      }
      at_ += 6;
      return true;
    default:
      return fail("unknown escape in a string");
  }
}

// Stands at the opening quote.
bool JsonCursor::scan_string(RawString& value) {
  value.escaped = false;
  value.canonical = true;
  const char* const from = ++at_;
  for (;;) {
    at_ = end_of_plain_run(at_, end_);
    if (at_ == end_) return fail("text ends inside a string");
    if (*at_ == '"') break;
    if (*at_ != '\\') return fail("control character in a string");
    if (!scan_escape(value)) return false;
  }
  value.body = {from, static_cast<std::size_t>(at_ - from)};
  ++at_;
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
