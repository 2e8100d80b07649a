// Our own log: one line per event on stderr, a fixed message and facts as key=value.
// Never a body, a header value or a secret. Control characters in values are escaped here, so a
// foreign string cannot forge a line. Thread safe; spdlog stays behind log.cc.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace albicilla {

enum class LogLevel { debug, info, warning, error };

struct LogFact {
  std::string key;
  std::string value;

  LogFact(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogFact(std::string_view k, const char* v) : key(k), value(v) {}
  LogFact(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogFact(std::string_view k, T v)
      : key(k), value(std::to_string(v)) {}
};

// "debug", "info", "warning" (also "warn"), "error" (also "critical"), any case; false otherwise.
bool parse_log_level(std::string_view text, LogLevel& level);

// Lines below `level` are dropped. `program` stands in front of each line. Call once from main,
// before threads start.
void configure_log(std::string_view program, LogLevel level, bool json = false);
bool log_enabled(LogLevel level);

void log_line(LogLevel level, std::string_view message, std::initializer_list<LogFact> facts = {});

inline void log_debug(std::string_view message, std::initializer_list<LogFact> facts = {}) {
  if (log_enabled(LogLevel::debug)) log_line(LogLevel::debug, message, facts);
}
inline void log_info(std::string_view message, std::initializer_list<LogFact> facts = {}) {
  if (log_enabled(LogLevel::info)) log_line(LogLevel::info, message, facts);
}
inline void log_warning(std::string_view message, std::initializer_list<LogFact> facts = {}) {
  log_line(LogLevel::warning, message, facts);
}
inline void log_error(std::string_view message, std::initializer_list<LogFact> facts = {}) {
  log_line(LogLevel::error, message, facts);
}

}  // namespace albicilla
