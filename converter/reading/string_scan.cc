#include "converter/reading/string_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace albicilla {

namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool ends_run(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// Stands at a backslash; moves behind the escape. False when it is none.
bool pass_escape(StringScan& scan, const char* end) {
  const char* const at = scan.at;
  scan.escaped = true;
  if (end - at < 2) {
    scan.error = "text ends inside a string";
    return false;
  }
  switch (at[1]) {
    case '"':
    case '\\':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      scan.at += 2;
      return true;
    case '/':
      scan.canonical = false;
      scan.at += 2;
      return true;
    case 'u':
      scan.canonical = false;
      if (end - at < 6) {
        scan.error = "text ends inside a string";
        return false;
      }
      for (int i = 2; i < 6; ++i) {
        if (is_hex(at[i])) continue;
        scan.error = "\\u wants four hex digits";
        return false;
      }
      scan.at += 6;
      return true;
    default:
      scan.error = "unknown escape in a string";
      return false;
  }
}

// Byte for byte to the end of the string.
void scan_rest(StringScan& scan, const char* end) {
  for (;;) {
    while (scan.at < end && !ends_run(*scan.at)) ++scan.at;
    if (scan.at == end) {
      scan.error = "text ends inside a string";
      return;
    }
    if (*scan.at == '"') return;
    if (*scan.at != '\\') {
      scan.error = "control character in a string";
      return;
    }
    if (!pass_escape(scan, end)) return;
  }
}

#if defined(__x86_64__)

constexpr std::ptrdiff_t kBlock = 64;

// Bytes of a block that a backslash stands before, unless that one is escaped itself; `carry` says
// so of the first byte (1 or 0) and afterwards of the next block's first. Without a branch: where
// texts have their escapes is no processor's guess.
[[gnu::always_inline]] inline std::uint64_t escaped_bytes(std::uint64_t backslashes,
                                                          std::uint64_t& carry) {
  constexpr std::uint64_t kOdd = 0xAAAAAAAAAAAAAAAA;
  const std::uint64_t active = backslashes & ~carry;
  // Taking a run of ones off the next higher bit turns the whole run over. With all odd bits set it
  // ends at the first of them behind the run's start, so that behind the subtraction every second
  // byte of a run differs from the odd bits: those that escape, and what the last of them escapes.
  const std::uint64_t turned = (((active << 1) | kOdd) - active) ^ kOdd;
  const std::uint64_t escaped = turned ^ (backslashes | carry);
  carry = (turned & backslashes) >> 63;
  return escaped;
}

// One bit for each byte of a block.
struct BlockBits {
  std::uint64_t backslashes;
  std::uint64_t stops;    // quotes and control characters
  std::uint64_t letters;  // of escapes that need no second look
};

// Looks closer at a block with a stop in it, or with `rare` escapes (a bit for each letter). True
// when the string ends or breaks here: `scan.at` stands there.
[[gnu::noinline]] bool pass_special(StringScan& scan, const char* at, const char* end,
                                    BlockBits bits, std::uint64_t rare) {
  const std::uint64_t before =
      bits.stops == 0 ? ~std::uint64_t{0} : (bits.stops & (~bits.stops + 1)) - 1;
  if ((bits.backslashes & before) != 0) scan.escaped = true;
  for (rare &= before; rare != 0; rare &= rare - 1) {
    scan.at = at + std::countr_zero(rare) - 1;
    if (!pass_escape(scan, end)) return true;
  }
  if (bits.stops == 0) return false;
  scan.at = at + std::countr_zero(bits.stops);
  if (*scan.at != '"') scan.error = "control character in a string";
  return true;
}

// The same for any block.
[[gnu::always_inline]] inline bool pass_block(StringScan& scan, const char* at, const char* end,
                                              BlockBits bits, std::uint64_t& carry) {
  const std::uint64_t escaped = escaped_bytes(bits.backslashes, carry);
  bits.stops &= ~escaped;
  const std::uint64_t rare = escaped & ~bits.letters;
  if ((bits.stops | rare) != 0) return pass_special(scan, at, end, bits, rare);
  scan.escaped |= bits.backslashes != 0;
  return false;
}

// The letters of escapes by their two halves: a byte is one of them if its bits in both tables
// meet. A byte from 0x80 on finds nothing in the first.
#define ALBICILLA_LOW_TABLE 0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 0
#define ALBICILLA_HIGH_TABLE 0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0

[[gnu::target("sse4.2"), gnu::always_inline]] inline BlockBits narrow_bits(const char* at) {
  BlockBits bits{};
  const __m128i low = _mm_setr_epi8(ALBICILLA_LOW_TABLE);
  const __m128i high = _mm_setr_epi8(ALBICILLA_HIGH_TABLE);
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at) + i);
    const auto put = [i](std::uint64_t& all, int hits) {
      all |= static_cast<std::uint64_t>(static_cast<unsigned>(hits)) << (16 * i);
    };
    put(bits.backslashes, _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    put(bits.stops, _mm_movemask_epi8(_mm_or_si128(
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                        _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes))));
    const __m128i halves = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0F));
    const __m128i met = _mm_and_si128(_mm_shuffle_epi8(low, bytes), _mm_shuffle_epi8(high, halves));
    put(bits.letters, _mm_movemask_epi8(_mm_cmpgt_epi8(met, _mm_setzero_si128())));
  }
  return bits;
}

[[gnu::target("avx2"), gnu::always_inline]] inline BlockBits wide_bits(const char* at) {
  BlockBits bits{};
  const __m256i low = _mm256_setr_epi8(ALBICILLA_LOW_TABLE, ALBICILLA_LOW_TABLE);
  const __m256i high = _mm256_setr_epi8(ALBICILLA_HIGH_TABLE, ALBICILLA_HIGH_TABLE);
  for (int i = 0; i < 2; ++i) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at) + i);
    const __m256i slashes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    const __m256i stops =
        _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes));
    const __m256i halves = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
    const __m256i met =
        _mm256_and_si256(_mm256_shuffle_epi8(low, bytes), _mm256_shuffle_epi8(high, halves));
    const __m256i letters = _mm256_cmpgt_epi8(met, _mm256_setzero_si256());
    const int shift = 32 * i;
    bits.backslashes |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(slashes))}
                        << shift;
    bits.stops |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(stops))} << shift;
    bits.letters |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(letters))} << shift;
  }
  return bits;
}

[[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline BlockBits widest_bits(
    const char* at) {
  const __m512i low = _mm512_maskz_broadcast_i32x4(0xFFFF, _mm_setr_epi8(ALBICILLA_LOW_TABLE));
  const __m512i high = _mm512_maskz_broadcast_i32x4(0xFFFF, _mm_setr_epi8(ALBICILLA_HIGH_TABLE));
  const __m512i bytes = _mm512_loadu_si512(at);
  BlockBits bits{};
  bits.backslashes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
  bits.stops = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) |
               _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
  const __m512i halves = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), _mm512_set1_epi8(0x0F));
  bits.letters =
      _mm512_test_epi8_mask(_mm512_shuffle_epi8(low, bytes), _mm512_shuffle_epi8(high, halves));
  return bits;
}

// The bytes behind the last whole block, as a block.
struct LastBlock {
  char bytes[kBlock] = {};
  LastBlock(const char* at, const char* end) {
    std::memcpy(bytes, at, static_cast<std::size_t>(end - at));
  }
};

// The string's end in the last block. Whatever is out of the ordinary is read byte for byte, so
// that errors stand where they always stood.
[[gnu::always_inline]] inline void finish_string(StringScan& scan, const char* at, const char* end,
                                                 BlockBits bits, std::uint64_t carry) {
  const std::uint64_t before_block = carry;
  const std::uint64_t escaped = escaped_bytes(bits.backslashes, carry);
  const std::uint64_t stops = bits.stops & ~escaped;
  const int size = std::countr_zero(stops);  // up to the padding at most
  const std::uint64_t before = (std::uint64_t{1} << (size & 63)) - 1;
  const bool plain = size < end - at && at[size] == '"' && (escaped & ~bits.letters & before) == 0;
  if (plain) {
    scan.at = at + size;
    scan.escaped |= (bits.backslashes & before) != 0;
    return;
  }
  scan.at = before_block != 0 ? at - 1 : at;  // an escape that the blocks cut is looked at again
  scan_rest(scan, end);
}

[[gnu::target("sse4.2")]] StringScan scan_narrow(const char* at, const char* end) {
  StringScan scan;
  std::uint64_t carry = 0;
  for (; end - at >= kBlock; at += kBlock) {
    if (pass_block(scan, at, end, narrow_bits(at), carry)) return scan;
  }
  finish_string(scan, at, end, narrow_bits(LastBlock(at, end).bytes), carry);
  return scan;
}

[[gnu::target("avx2")]] StringScan scan_wide(const char* at, const char* end) {
  StringScan scan;
  std::uint64_t carry = 0;
  for (; end - at >= kBlock; at += kBlock) {
    if (pass_block(scan, at, end, wide_bits(at), carry)) return scan;
  }
  finish_string(scan, at, end, wide_bits(LastBlock(at, end).bytes), carry);
  return scan;
}

[[gnu::target("avx512f,avx512bw")]] StringScan scan_widest(const char* at, const char* end) {
  StringScan scan;
  std::uint64_t carry = 0;
  for (; end - at >= kBlock; at += kBlock) {
    if (pass_block(scan, at, end, widest_bits(at), carry)) return scan;
  }
  finish_string(scan, at, end, widest_bits(LastBlock(at, end).bytes), carry);
  return scan;
}

#undef ALBICILLA_LOW_TABLE
#undef ALBICILLA_HIGH_TABLE

using Scanner = StringScan (*)(const char* at, const char* end);

#endif

StringScan scan_plainly(const char* at, const char* end) {
  StringScan scan;
  scan.at = at;
  scan_rest(scan, end);
  return scan;
}

#if defined(__x86_64__)
Scanner best_scanner() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw")) return scan_widest;
  if (__builtin_cpu_supports("avx2")) return scan_wide;
  return __builtin_cpu_supports("sse4.2") ? scan_narrow : scan_plainly;
}

const Scanner kScanner = best_scanner();
#endif

}  // namespace

const char* end_of_plain_text(const char* at, const char* end) {
#if defined(__x86_64__)
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, controls)));
    if (hits != 0) return at + std::countr_zero(hits);
    at += 16;
  }
#endif
  while (at < end && !ends_run(*at)) ++at;
  return at;
}

StringScan scan_json_string(const char* at, const char* end) {
#if defined(__x86_64__)
  return kScanner(at, end);
#else
  return scan_plainly(at, end);
#endif
}

}  // namespace albicilla
