#include "common/base/clock.h"

#include <string>

namespace albicilla {

namespace {

struct Civil {
  std::chrono::year_month_day day;
  std::chrono::hh_mm_ss<Microseconds> time;
};

Civil civil(WallTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  return {std::chrono::year_month_day(days), std::chrono::hh_mm_ss<Microseconds>(time - days)};
}

void put_digits(std::string& text, std::size_t at, std::size_t count, int value) {
  for (std::size_t i = at + count; i > at; --i) {
    text[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

std::string iso8601(WallTime time) {
  const Civil c = civil(time);
  const int year = static_cast<int>(c.day.year());
  if (year < 0 || year > 9999) return std::to_string(year) + "-01-01T00:00:00.000000+00:00";
  // By hand: every line of a log passes here, and printf takes ten times as long.
  std::string text = "0000-00-00T00:00:00.000000+00:00";
  put_digits(text, 0, 4, year);
  put_digits(text, 5, 2, static_cast<int>(static_cast<unsigned>(c.day.month())));
  put_digits(text, 8, 2, static_cast<int>(static_cast<unsigned>(c.day.day())));
  put_digits(text, 11, 2, static_cast<int>(c.time.hours().count()));
  put_digits(text, 14, 2, static_cast<int>(c.time.minutes().count()));
  put_digits(text, 17, 2, static_cast<int>(c.time.seconds().count()));
  put_digits(text, 20, 6, static_cast<int>(c.time.subseconds().count()));
  return text;
}

std::string utc_day(WallTime time) { return iso8601(time).substr(0, 10); }

}  // namespace albicilla
