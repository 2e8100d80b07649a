// The steps that validating, minifying and walking share: over a string, over white space. Private
// to this room; pointers, because these loops see every byte of the traffic.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace albicilla::json_lexer {

inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

inline const char* skip_space(const char* at, const char* end) {
  if (at != end && *at > ' ') return at;  // nearly always
  while (at != end && is_space(*at)) ++at;
  return at;
}

// Printable ASCII without quote and backslash: stands between quotes as it is.
inline bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

inline bool is_bracket_or_quote(char c) {
  return c == '"' || c == '{' || c == '}' || c == '[' || c == ']';
}

#if defined(__SSE2__)

// Not zero when one of the bytes is not plain.
inline int unplain(__m128i bytes) {
  const __m128i hits =
      _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
                   _mm_cmpgt_epi8(_mm_set1_epi8(0x20), bytes));  // signed: 0x80 and above, too
  return _mm_movemask_epi8(hits);
}

inline __m128i load16(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

inline __m128i load8(const char* at) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
}

// Is all of it plain? 16 bytes a step; a rest is looked at together with bytes before it, because
// most texts are names of headers and shorter than a step.
inline bool is_plain(const char* at, const char* end) {
  const auto size = end - at;
  if (size < 8) {
    while (at != end && is_plain(*at)) ++at;
    return at == end;
  }
  if (size < 16) return unplain(_mm_unpacklo_epi64(load8(at), load8(end - 8))) == 0;
  for (; end - at >= 16; at += 16) {
    if (unplain(load16(at)) != 0) return false;
  }
  return unplain(load16(end - 16)) == 0;
}

// The first quote, backslash or control character at or behind `at`, else `end`; 16 bytes a step.
inline const char* find_special(const char* at, const char* end) {
  const __m128i quotes = _mm_set1_epi8('"');
  const __m128i slashes = _mm_set1_epi8('\\');
  const __m128i controls = _mm_set1_epi8(0x1F);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, slashes)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, controls), bytes));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

// The first quote or bracket of an object or array, else `end`.
inline const char* find_bracket(const char* at, const char* end) {
  const __m128i quotes = _mm_set1_epi8('"');
  const __m128i case_bit = _mm_set1_epi8(0x20);  // what '[' lacks to be '{'
  const __m128i opens = _mm_set1_epi8('{');
  const __m128i closes = _mm_set1_epi8('}');
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = load16(at);
    const __m128i folded = _mm_or_si128(bytes, case_bit);
    const __m128i hits =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes),
                     _mm_or_si128(_mm_cmpeq_epi8(folded, opens), _mm_cmpeq_epi8(folded, closes)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
  }
  while (at != end && !is_bracket_or_quote(*at)) ++at;
  return at;
}

#else

inline const char* find_bracket(const char* at, const char* end) {
  while (at != end && !is_bracket_or_quote(*at)) ++at;
  return at;
}

inline bool is_plain(const char* at, const char* end) {
  while (at != end && is_plain(*at)) ++at;
  return at == end;
}

// The same for other processors, eight bytes a step.
inline const char* find_special(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  if constexpr (std::endian::native == std::endian::little) {
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      const std::uint64_t quotes = word ^ (kOnes * '"');
      const std::uint64_t slashes = word ^ (kOnes * '\\');
      // A borrow can only spoil bytes above a true hit, and the lowest hit is what counts.
      const std::uint64_t hits = (((quotes - kOnes) & ~quotes) | ((slashes - kOnes) & ~slashes) |
                                  ((word - kOnes * 0x20) & ~word)) &
                                 kHighs;
      if (hits != 0) return at + std::countr_zero(hits) / 8;
      at += 8;
    }
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

#endif

// `at` stands behind the opening quote of a string of valid JSON; gives the place behind the
// closing one, or `end` when there is none.
inline const char* skip_string(const char* at, const char* end) {
  while (true) {
    at = find_special(at, end);
    if (at == end) return end;
    if (*at == '"') return at + 1;
    if (end - at <= 2) return end;
    at += *at == '\\' ? 2 : 1;
  }
}

}  // namespace albicilla::json_lexer
