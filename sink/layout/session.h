// The `session` layout, the truth that all others are derived from: one file per day and session,
// `YYYY-MM-DD/[prefix-]session.jsonl`; with shards `YYYY-MM-DD/ab/…`, so that no directory holds
// more than a 256th of a day. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace albicilla {

enum class Sharding { off, by_session };

// What names a line's file, relative to the log root.
struct SessionPlace {
  std::string_view day;         // "2026-01-13"
  std::string_view prefix;      // of the session, empty when it has none
  std::string_view session_id;  // the true id
  Sharding sharding = Sharding::off;
};

std::string session_file(const SessionPlace& place);

// Is this "2026-01-13", the form of a day's directory?
bool is_day_name(std::string_view name);

// The day that a log file belongs to, by its name relative to the log root.
inline std::string_view day_of_file(std::string_view file) { return file.substr(0, 10); }
std::string day_after(std::string_view day);
// 0 when `to` is not after `from`.
std::uint64_t days_between(std::string_view from, std::string_view to);

// Lines of the sink's own, one chained file of each a day. No session's name can begin with a dot,
// and readers of sessions skip such files.
std::string gaps_file(std::string_view day);
std::string quarantine_file(std::string_view day);

}  // namespace albicilla
