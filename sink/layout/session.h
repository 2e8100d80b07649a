// The `session` layout, the truth that all others are derived from: one file per day and session,
// `YYYY-MM-DD/[prefix-]session.jsonl`. Pure.
#pragma once

#include <string>
#include <string_view>

namespace albicilla {

// What names a line's file, relative to the log root.
struct SessionPlace {
  std::string_view day;         // "2026-01-13"
  std::string_view prefix;      // of the session, empty when it has none
  std::string_view session_id;  // the true id
};

std::string session_file(const SessionPlace& place);

// Is this "2026-01-13", the form of a day's directory?
bool is_day_name(std::string_view name);

// The day that a log file belongs to, by its name relative to the log root.
inline std::string_view day_of_file(std::string_view file) { return file.substr(0, 10); }
std::string day_after(std::string_view day);

// Lines of the sink's own, one chained file of each a day. No session's name can begin with a dot,
// and readers of sessions skip such files.
std::string gaps_file(std::string_view day);
std::string quarantine_file(std::string_view day);

}  // namespace albicilla
