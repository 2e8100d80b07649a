#include "converter/reading/hash128.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>
#include <type_traits>

namespace albicilla {

namespace {

// Odd numbers with about as many ones as zeros, from the fractional digits of roots of primes.
constexpr std::uint64_t kSalt[8] = {0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B,
                                    0xA54FF53A5F1D36F1, 0x510E527FADE682D1, 0x9B05688C2B3E6C1F,
                                    0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179};

std::uint64_t load64(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// Both halves of the product folded together: every input bit reaches every output bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

#if defined(__SSE2__)
// All 32 at once: both digits of each byte side by side, letters moved to where they stand.
void put_digits(char* into, const std::uint64_t (&halves)[2]) {
  const __m128i bytes = _mm_set_epi64x(static_cast<long long>(__builtin_bswap64(halves[1])),
                                       static_cast<long long>(__builtin_bswap64(halves[0])));
  const __m128i low = _mm_set1_epi8(0x0F);
  const __m128i first = _mm_and_si128(_mm_srli_epi16(bytes, 4), low);
  const __m128i second = _mm_and_si128(bytes, low);
  const auto digits_of = [](__m128i values) {
    const __m128i letters = _mm_cmpgt_epi8(values, _mm_set1_epi8(9));
    const __m128i digits = _mm_add_epi8(values, _mm_set1_epi8('0'));
    return _mm_add_epi8(digits, _mm_and_si128(letters, _mm_set1_epi8('a' - '0' - 10)));
  };
  auto* const at = reinterpret_cast<__m128i*>(into);
  _mm_storeu_si128(at, digits_of(_mm_unpacklo_epi8(first, second)));
  _mm_storeu_si128(at + 1, digits_of(_mm_unpackhi_epi8(first, second)));
}
#else
void put_digits(char* into, const std::uint64_t (&halves)[2]) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint64_t half : halves) {
    for (int shift = 60; shift >= 0; shift -= 4) *into++ = kDigits[half >> shift & 0xF];
  }
}
#endif

// Four lanes, so that four multiplications are under way at once. Written out: they live in
// registers only when no index picks them.
struct State {
  std::uint64_t a;
  std::uint64_t b;
  std::uint64_t c;
  std::uint64_t d;

  void block(const char* at) {
    a = fold(load64(at) ^ kSalt[0], load64(at + 8) ^ a);
    b = fold(load64(at + 16) ^ kSalt[1], load64(at + 24) ^ b);
    c = fold(load64(at + 32) ^ kSalt[2], load64(at + 40) ^ c);
    d = fold(load64(at + 48) ^ kSalt[3], load64(at + 56) ^ d);
  }
};

// Fewer than 64 bytes by two copies of a fixed size, which may overlap.
void copy_few(char* into, const char* from, std::size_t size) {
  const auto both_ends = [&]<std::size_t kPiece>(std::integral_constant<std::size_t, kPiece>) {
    std::memcpy(into, from, kPiece);
    std::memcpy(into + size - kPiece, from + size - kPiece, kPiece);
  };
  if (size >= 32) return both_ends(std::integral_constant<std::size_t, 32>());
  if (size >= 16) return both_ends(std::integral_constant<std::size_t, 16>());
  if (size >= 8) return both_ends(std::integral_constant<std::size_t, 8>());
  if (size >= 4) return both_ends(std::integral_constant<std::size_t, 4>());
  if (size >= 2) return both_ends(std::integral_constant<std::size_t, 2>());
  if (size == 1) *into = *from;
}

}  // namespace

Hash128 hash_bytes(std::string_view bytes, std::uint64_t seed) {
  State state{seed ^ kSalt[4], seed + kSalt[5], seed ^ kSalt[6], seed + kSalt[7]};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 64; left -= 64, at += 64) state.block(at);
  char tail[64] = {};
  copy_few(tail, at, left);
  state.block(tail);
  const std::uint64_t size = bytes.size();
  const std::uint64_t a = fold(state.a ^ kSalt[1], state.b ^ size);
  const std::uint64_t b = fold(state.c ^ kSalt[3], state.d + size);
  return {fold(a ^ kSalt[6], b ^ kSalt[2]) ^ state.a, fold(a + kSalt[5], b ^ kSalt[0]) ^ state.d};
}

Hash128 combine(const Hash128& first, const Hash128& second) {
  const std::uint64_t a = fold(first.high ^ kSalt[0], second.low ^ kSalt[1]);
  const std::uint64_t b = fold(first.low ^ kSalt[2], second.high ^ kSalt[3]);
  return {fold(a ^ kSalt[4], b ^ kSalt[5]) ^ first.low,
          fold(a + kSalt[6], b ^ kSalt[7]) + second.low};
}

void put_hex(char* into, const Hash128& hash) { put_digits(into, {hash.high, hash.low}); }

void append_hex(std::string& out, const Hash128& hash) {
  char text[kHexSize];
  put_hex(text, hash);
  out.append(text, sizeof text);
}

std::string hex_text(const Hash128& hash) {
  std::string text;
  append_hex(text, hash);
  return text;
}

}  // namespace albicilla
