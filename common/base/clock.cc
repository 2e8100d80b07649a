#include "common/base/clock.h"

#include <cstdio>

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

}  // namespace

std::string iso8601(WallTime time) {
  const Civil c = civil(time);
  char text[64];
  const int length = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06d+00:00", static_cast<int>(c.day.year()),
      static_cast<unsigned>(c.day.month()), static_cast<unsigned>(c.day.day()),
      static_cast<int>(c.time.hours().count()), static_cast<int>(c.time.minutes().count()),
      static_cast<int>(c.time.seconds().count()), static_cast<int>(c.time.subseconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

std::string utc_day(WallTime time) { return iso8601(time).substr(0, 10); }

}  // namespace albicilla
