// One log line as views: what the sink writes (SPEC.md, Line) and what predecessor A wrote (no
// `exchange`, no `chain`). Pure: a line in, an entry or the reason for its rejection out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace albicilla {

// What `exchange` tells of how the exchange went; views into the line.
struct ExchangeInfo {
  std::string_view id;
  std::string_view dialect;
  std::string_view path;
  std::string_view ending;
  std::uint64_t seq = 0;
  int status = 0;
  std::optional<WallTime> started_at;
  bool truncated = false;  // the logged copy was cut
};

struct LogEntry {
  WallTime timestamp;
  std::string session_id;
  std::string_view request;   // JSON text
  std::string_view response;  // JSON text; empty when the line has none
  std::optional<ExchangeInfo> exchange;

  // Order of a conversation rests on this.
  WallTime started_at() const {
    return exchange && exchange->started_at ? *exchange->started_at : timestamp;
  }
  // The answer was whole and no error, as far as `exchange` knows.
  bool succeeded() const;
};

// The error's message is the reason for the line's rejection.
Result<LogEntry> parse_log_entry(std::string_view line);

// True for a line of one of the sink's other layouts (user_model_day, events, messages).
bool is_other_layout(std::string_view line);

// ISO 8601 with or without fraction and zone ("Z", "+00:00"; none is UTC).
std::optional<WallTime> parse_iso8601(std::string_view text);

}  // namespace albicilla
