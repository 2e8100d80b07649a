#include "common/json/utf8_wide.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace albicilla {

namespace {

// What can be wrong with two neighbouring bytes, a bit each, as Keiser and Lemire found it
// ("Validating UTF-8 in less than one instruction per byte", 2021): the high and the low half of
// the first byte and the high half of the second each rule some of it in; what all three rule in
// is wrong. kTwo is no fault by itself: the second byte goes on where the first did already, so a
// longer character must have begun two or three bytes before.
enum Fault : std::uint8_t {
  kShort = 1,      // a first byte, or one too few behind it
  kLong = 2,       // ASCII and then a byte that goes on
  kLongThree = 4,  // three bytes for what fits two
  kLarge = 8,      // beyond U+10FFFF
  kSurrogate = 16,
  kLongTwo = 32,  // two bytes for what fits one
  kFour = 64,     // four bytes for what fits three, or far beyond
  kTwo = 128,
};
constexpr std::uint8_t kAny = kShort | kLong | kTwo;

struct Tables {
  std::uint8_t first_high[16];
  std::uint8_t first_low[16];
  std::uint8_t second_high[16];
};

constexpr Tables make_tables() {
  Tables tables{};
  for (int half = 0; half < 16; ++half) {
    std::uint8_t& high = tables.first_high[half];
    std::uint8_t& low = tables.first_low[half];
    std::uint8_t& second = tables.second_high[half];
    if (half < 0x8) high = kLong;
    if (half >= 0x8 && half <= 0xB) high = kTwo;
    if (half == 0xC) high = kShort | kLongTwo;
    if (half == 0xD) high = kShort;
    if (half == 0xE) high = kShort | kLongThree | kSurrogate;
    if (half == 0xF) high = kShort | kLarge | kFour;
    low = kAny;
    if (half == 0x0) low |= kLongThree | kLongTwo | kFour;
    if (half == 0x1) low |= kLongTwo;
    if (half == 0x4) low |= kLarge;
    if (half > 0x4) low |= kLarge | kFour;
    if (half == 0xD) low |= kSurrogate;
    second = kShort;
    if (half == 0x8) second = kLong | kLongTwo | kTwo | kLongThree | kFour;
    if (half == 0x9) second = kLong | kLongTwo | kTwo | kLongThree | kLarge;
    if (half == 0xA || half == 0xB) second = kLong | kLongTwo | kTwo | kSurrogate | kLarge;
  }
  return tables;
}

constexpr Tables kTables = make_tables();

#define ALBICILLA_WIDE [[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline

ALBICILLA_WIDE __m512i spread(const std::uint8_t (&table)[16]) {
  return _mm512_maskz_broadcast_i32x4(0xFFFF,
                                      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}

// Each byte's neighbour kBack bytes before it.
template <int kBack>
ALBICILLA_WIDE __m512i before(__m512i block, __m512i lanes) {
  return _mm512_alignr_epi8(block, lanes, 16 - kBack);
}

class WideCheck {
 public:
  ALBICILLA_WIDE void add(__m512i block) {
    if (_mm512_movepi8_mask(block) == 0) {
      wrong_ = _mm512_or_si512(wrong_, unfinished_);
      unfinished_ = _mm512_setzero_si512();
    } else {
      add_any(block);
    }
    last_ = block;
  }
  ALBICILLA_WIDE bool holds() const {
    const __m512i wrong = _mm512_or_si512(wrong_, unfinished_);
    return _mm512_test_epi8_mask(wrong, wrong) == 0;
  }

 private:
  ALBICILLA_WIDE void add_any(__m512i block) {
    const __m512i halves = _mm512_set1_epi8(0x0F);
    // The lanes of 16 bytes before those of `block`.
    const __m512i lanes =
        _mm512_permutex2var_epi64(last_, _mm512_setr_epi64(6, 7, 8, 9, 10, 11, 12, 13), block);
    const __m512i first = before<1>(block, lanes);
    const __m512i faults = _mm512_and_si512(
        _mm512_and_si512(
            _mm512_shuffle_epi8(spread(kTables.first_high),
                                _mm512_and_si512(_mm512_srli_epi16(first, 4), halves)),
            _mm512_shuffle_epi8(spread(kTables.first_low), _mm512_and_si512(first, halves))),
        _mm512_shuffle_epi8(spread(kTables.second_high),
                            _mm512_and_si512(_mm512_srli_epi16(block, 4), halves)));
    // The highest bit where a character of three or four bytes goes on for the second time or the
    // third: there kTwo has to be.
    const __m512i third = _mm512_subs_epu8(before<2>(block, lanes), _mm512_set1_epi8(0xE0 - 0x80));
    const __m512i fourth = _mm512_subs_epu8(before<3>(block, lanes), _mm512_set1_epi8(0xF0 - 0x80));
    const __m512i wanted =
        _mm512_and_si512(_mm512_or_si512(third, fourth), _mm512_set1_epi8(static_cast<char>(0x80)));
    wrong_ = _mm512_or_si512(wrong_, _mm512_xor_si512(wanted, faults));
    // What a block may end with: bytes that begin no longer character than there is room for.
    const __m512i most =
        _mm512_setr_epi64(-1, -1, -1, -1, -1, -1, -1, static_cast<long long>(0xBFDFEFFFFFFFFFFF));
    unfinished_ = _mm512_subs_epu8(block, most);
  }

  __m512i wrong_ = {};
  __m512i unfinished_ = {};
  __m512i last_ = {};
};

}  // namespace

bool has_wide_utf8() {
  static const bool kHas = [] {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bw") != 0;
  }();
  return kHas;
}

[[gnu::target("avx512f,avx512bw")]] bool is_utf8_wide(std::string_view text) {
  constexpr std::size_t kBlock = 64;
  WideCheck check;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= kBlock; left -= kBlock, at += kBlock) check.add(_mm512_loadu_si512(at));
  const __mmask64 rest = (std::uint64_t{1} << left) - 1;
  check.add(_mm512_maskz_loadu_epi8(rest, at));
  return check.holds();
}

}  // namespace albicilla

#else

namespace albicilla {

bool has_wide_utf8() { return false; }
bool is_utf8_wide(std::string_view) { return false; }

}  // namespace albicilla

#endif
