#include "converter/reading/iso8601.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace albicilla {

namespace {

// Eight characters, the first in the lowest byte.
std::uint64_t load_eight(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// Eight characters that a text should have, with a '0' for each digit.
struct Pattern {
  std::uint64_t text = 0;
  std::uint64_t least = 0;  // what sets the highest bit of each byte that is too large

  consteval Pattern(const char (&pattern)[9]) {  // NOLINT(google-explicit-constructor)
    for (int i = 7; i >= 0; --i) {
      text = text << 8 | static_cast<unsigned char>(pattern[i]);
      least = least << 8 | (pattern[i] == '0' ? 0x76U : 0x7FU);
    }
  }
};

// The values of the digits; what is no digit where one should be, or another character than it
// should be, leaves `wrong` behind.
std::uint64_t digits_like(std::uint64_t text, Pattern pattern, std::uint64_t& wrong) {
  const std::uint64_t values = text ^ pattern.text;
  wrong |= (values | (values + pattern.least)) & 0x8080808080808080;
  return values;
}

int two_digits(std::uint64_t values, int at) {
  const auto tens = static_cast<int>(values >> (8 * at) & 0xF);
  return tens * 10 + static_cast<int>(values >> (8 * at + 8) & 0xF);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Microseconds of ".123456" behind the seconds; `length` tells how many characters belong to it.
std::optional<std::int64_t> fraction(std::string_view text, std::size_t at, std::size_t& length) {
  constexpr std::size_t kMicros = 7;
  if (text.size() > at + kMicros && !is_digit(text[at + kMicros])) {  // as we write it
    std::uint64_t wrong = 0;
    const std::uint64_t values = digits_like(load_eight(text.data() + at - 1), "0.000000", wrong);
    length = kMicros;
    if (wrong == 0) {
      return two_digits(values, 2) * 10000 + two_digits(values, 4) * 100 + two_digits(values, 6);
    }
  }
  text.remove_prefix(at);
  length = 0;
  if (text.empty() || text[0] != '.') return 0;
  constexpr std::array<std::int64_t, 7> kUnits = {0, 100000, 10000, 1000, 100, 10, 1};
  std::int64_t digits = 0;  // of the first six
  for (length = 1; length < text.size() && is_digit(text[length]); ++length) {
    if (length < kUnits.size()) digits = digits * 10 + (text[length] - '0');
  }
  if (length == 1) return std::nullopt;
  return digits * kUnits[std::min(length, kUnits.size()) - 1];
}

// Minutes east of UTC of "Z", "+01:00" or nothing.
std::optional<int> zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::uint64_t wrong = 0;
  const char padded[] = {text[1], text[2], text[3], text[4], text[5], '0', '0', '0'};
  const std::uint64_t values = digits_like(load_eight(padded), "00:00000", wrong);
  if (wrong != 0) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (two_digits(values, 0) * 60 + two_digits(values, 3));
}

}  // namespace

std::optional<WallTime> parse_iso8601(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // characters up to the fraction
  if (text.size() < kSeconds) return std::nullopt;
  if (text[10] != 'T' && text[10] != ' ') return std::nullopt;
  std::uint64_t wrong = 0;
  const std::uint64_t start = digits_like(load_eight(text.data()), "0000-00-", wrong);
  const std::uint64_t middle = digits_like(load_eight(text.data() + 2), "00-00-00", wrong);
  const std::uint64_t clock = digits_like(load_eight(text.data() + 11), "00:00:00", wrong);
  const int year = two_digits(start, 0) * 100 + two_digits(start, 2);
  const int month = two_digits(start, 5);
  const int day = two_digits(middle, 6);
  const int hour = two_digits(clock, 0);
  const int minute = two_digits(clock, 3);
  const int second = two_digits(clock, 6);
  if (wrong != 0) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::size_t length = 0;
  const auto micros = fraction(text, kSeconds, length);
  const auto east = zone(text.substr(kSeconds + length));
  if (!micros || !east) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute - *east) + std::chrono::seconds(second) +
         Microseconds(*micros);
}

}  // namespace albicilla
