#include "converter/reading/json_cursor.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
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

#if defined(__SSE2__)
constexpr std::ptrdiff_t kBlock = 64;

class Block {
 public:
  explicit Block(const char* at) {
    for (int i = 0; i < 4; ++i) {
      bytes_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at) + i);
    }
  }

  // One bit for each byte of the block that `hits` says yes to.
  template <class Hits>
  std::uint64_t bits(const Hits& hits) const {
    std::uint64_t all = 0;
    for (int i = 0; i < 4; ++i) {
      const auto some = static_cast<unsigned>(_mm_movemask_epi8(hits(bytes_[i])));
      all |= static_cast<std::uint64_t>(some) << (16 * i);
    }
    return all;
  }
  std::uint64_t equal(char wanted) const {
    const __m128i all = _mm_set1_epi8(wanted);
    return bits([all](__m128i bytes) { return _mm_cmpeq_epi8(bytes, all); });
  }
  std::uint64_t controls() const {
    const __m128i last = _mm_set1_epi8(0x1F);
    return bits([last](__m128i bytes) { return _mm_cmpeq_epi8(_mm_min_epu8(bytes, last), bytes); });
  }
  // The letters of escapes that need no second look.
  std::uint64_t escape_letters() const {
    const auto is = [](__m128i bytes, char letter) {
      return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(letter));
    };
    return bits([&is](__m128i bytes) {
      const __m128i spaces = _mm_or_si128(_mm_or_si128(is(bytes, 'n'), is(bytes, 't')),
                                          _mm_or_si128(is(bytes, 'r'), is(bytes, 'b')));
      const __m128i marks = _mm_or_si128(is(bytes, '"'), is(bytes, '\\'));
      return _mm_or_si128(_mm_or_si128(spaces, marks), is(bytes, 'f'));
    });
  }

 private:
  __m128i bytes_[4];
};

// Bytes that a backslash stands before, unless that one is escaped itself; `carry` says so of the
// first byte and afterwards of the next block's first.
std::uint64_t escaped_bytes(std::uint64_t backslashes, bool& carry) {
  std::uint64_t escaped = std::exchange(carry, false) ? 1 : 0;
  backslashes &= ~escaped;
  if ((backslashes & backslashes << 1) == 0) {
    carry = (backslashes >> 63) != 0;
    return escaped | backslashes << 1;
  }
  while (backslashes != 0) {
    const std::uint64_t first = backslashes & (~backslashes + 1);
    carry = (first >> 63) != 0;
    escaped |= first << 1;
    backslashes &= ~(first | first << 1);
  }
  return escaped;
}
#endif

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

// Passes over whole blocks of a string; true when it came to its end, a control character or an
// escape that is wrong.
bool JsonCursor::scan_blocks(RawString& value) {
#if defined(__SSE2__)
  if (end_ - at_ >= 16) {  // most strings are keys and other short words
    const char* const first = end_of_plain_run(at_, at_ + 16);
    if (first < at_ + 16 && *first == '"') {
      at_ = first;
      return true;
    }
  }
  const char* at = at_;
  bool carry = false;
  for (; end_ - at >= kBlock; at += kBlock) {
    const Block block(at);
    const std::uint64_t backslashes = block.equal('\\');
    std::uint64_t stops = block.equal('"') | block.controls();
    if ((backslashes | (carry ? 1U : 0U)) != 0) {
      const std::uint64_t escaped = escaped_bytes(backslashes, carry);
      stops &= ~escaped;
      const std::uint64_t before = stops == 0 ? ~std::uint64_t{0} : (stops & (~stops + 1)) - 1;
      if ((escaped & before) != 0) value.escaped = true;
      std::uint64_t rare = escaped & before & ~block.escape_letters();
      for (; rare != 0; rare &= rare - 1) {
        at_ = at + std::countr_zero(rare) - 1;
        if (!scan_escape(value)) return true;
      }
    }
    if (stops != 0) {
      at_ = at + std::countr_zero(stops);
      return true;
    }
  }
  at_ = carry ? at - 1 : at;  // an escape that the blocks cut is looked at again
#endif
  return false;
}

// Stands at the opening quote.
bool JsonCursor::scan_string(RawString& value) {
  value.escaped = false;
  value.canonical = true;
  const char* const from = ++at_;
  const bool stopped = scan_blocks(value);
  while (!failed()) {
    if (!stopped) at_ = end_of_plain_run(at_, end_);
    if (at_ == end_) return fail("text ends inside a string");
    if (*at_ == '"') break;
    if (*at_ != '\\') return fail("control character in a string");
    if (!scan_escape(value)) return false;
  }
  if (failed()) return false;
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
