#include "sink/layout/session.h"

#include <chrono>

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/session/session_file_name.h"

namespace albicilla {

std::string session_file(const SessionPlace& place) {
  std::string file(place.day);
  file += '/';
  if (place.sharding == Sharding::by_session) file += hex_prefix(sha256(place.session_id), 2) + "/";
  // The prefix is foreign text as well; with it the id gets no shorter than a name may be.
  if (!place.prefix.empty()) file += session_file_name(place.prefix).substr(0, 64) + "-";
  file += session_file_name(place.session_id);
  file += ".jsonl";
  return file;
}

bool is_day_name(std::string_view name) {
  if (name.size() != 10 || name[4] != '-' || name[7] != '-') return false;
  for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (name[at] < '0' || name[at] > '9') return false;
  }
  return true;
}

namespace {

std::chrono::sys_days date_of(std::string_view day) {
  const auto number = [&](std::size_t from, std::size_t length) {
    int value = 0;
    for (const char c : day.substr(from, length)) value = value * 10 + (c - '0');
    return value;
  };
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2))));
}

}  // namespace

std::string day_after(std::string_view day) {
  return utc_day(WallTime(date_of(day) + std::chrono::days(1)));
}

std::uint64_t days_between(std::string_view from, std::string_view to) {
  return from < to ? static_cast<std::uint64_t>((date_of(to) - date_of(from)).count()) : 0;
}

std::string gaps_file(std::string_view day) { return std::string(day) + "/.gaps.jsonl"; }

std::string quarantine_file(std::string_view day) {
  return std::string(day) + "/.quarantine.jsonl";
}

}  // namespace albicilla
