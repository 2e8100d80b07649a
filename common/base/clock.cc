#include "common/base/clock.h"

#include <cstdint>
#include <string>

namespace albicilla {

namespace {

void put_two_digits(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

void put_day(char* at, const std::chrono::year_month_day& day) {
  const auto year = static_cast<unsigned>(static_cast<int>(day.year()));
  put_two_digits(at, year / 100);
  put_two_digits(at + 2, year % 100);
  put_two_digits(at + 5, static_cast<unsigned>(day.month()));
  put_two_digits(at + 8, static_cast<unsigned>(day.day()));
}

void put_time(char* at, Microseconds since_midnight) {
  const auto micros = static_cast<std::uint64_t>(since_midnight.count());
  const auto seconds = static_cast<unsigned>(micros / 1000000);
  const auto fraction = static_cast<unsigned>(micros % 1000000);
  put_two_digits(at, seconds / 3600);
  put_two_digits(at + 3, seconds / 60 % 60);
  put_two_digits(at + 6, seconds % 60);
  put_two_digits(at + 9, fraction / 10000);
  put_two_digits(at + 11, fraction / 100 % 100);
  put_two_digits(at + 13, fraction % 100);
}

}  // namespace

std::string iso8601(WallTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day day(days);
  const int year = static_cast<int>(day.year());
  if (year < 0 || year > 9999) return std::to_string(year) + "-01-01T00:00:00.000000+00:00";
  // By hand: every line of a log passes here, and printf takes ten times as long.
  std::string text = "0000-00-00T00:00:00.000000+00:00";
  put_day(text.data(), day);
  put_time(text.data() + 11, time - days);
  return text;
}

std::string utc_day(WallTime time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  const int year = static_cast<int>(day.year());
  if (year < 0 || year > 9999) return iso8601(time).substr(0, 10);
  std::string text = "0000-00-00";
  put_day(text.data(), day);
  return text;
}

}  // namespace albicilla
