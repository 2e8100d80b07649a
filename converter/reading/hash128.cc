#include "converter/reading/hash128.h"

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

// The hex digits of four bytes, the highest first, all eight in one word.
std::uint64_t hex_digits(std::uint32_t value) {
  std::uint64_t halves = value;
  halves = (halves | halves << 16) & 0x0000FFFF0000FFFF;
  halves = (halves | halves << 8) & 0x00FF00FF00FF00FF;
  halves = (halves | halves << 4) & 0x0F0F0F0F0F0F0F0F;
  const std::uint64_t letters = (halves + 0x0606060606060606) >> 4 & 0x0101010101010101;
  return halves + 0x3030303030303030 + letters * ('a' - '0' - 10);
}

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

void put_hex(char* at, const Hash128& hash) {
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (const int shift : {32, 0}) {
      std::uint64_t digits = hex_digits(static_cast<std::uint32_t>(half >> shift));
      if constexpr (std::endian::native == std::endian::little) digits = __builtin_bswap64(digits);
      std::memcpy(at, &digits, 8);
      at += 8;
    }
  }
}

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
