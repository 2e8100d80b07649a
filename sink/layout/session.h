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

// Lines of the sink's own, one chained file of each a day. No session's name can begin with a dot,
// and readers of sessions skip such files.
std::string gaps_file(std::string_view day);
std::string quarantine_file(std::string_view day);

}  // namespace albicilla
