#include "common/base/log.h"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace albicilla {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool is_plain(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

// Quotes and escapes to printable ASCII, at most 512 bytes of input; serves both text and JSON.
std::string in_quotes(std::string_view value) {
  constexpr std::size_t kMost = 512;
  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : value.substr(0, kMost)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < ' ' || byte >= 0x7F) {
      out += "\\u00";
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  if (value.size() > kMost) out += "...";
  out.push_back('"');
  return out;
}

// Set once by configure_log; spdlog's own default logger is the global that everybody shares.
bool& json_lines() {
  static bool json = false;
  return json;
}

}  // namespace

bool parse_log_level(std::string_view text, LogLevel& level) {
  std::string lower;
  for (const char c : text) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  if (lower == "debug" || lower == "trace") {
    level = LogLevel::debug;
  } else if (lower == "info") {
    level = LogLevel::info;
  } else if (lower == "warning" || lower == "warn") {
    level = LogLevel::warning;
  } else if (lower == "error" || lower == "critical") {
    level = LogLevel::error;
  } else {
    return false;
  }
  return true;
}

void configure_log(std::string_view program, LogLevel level, bool json) {
  json_lines() = json;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
  logger->set_level(spdlog_level(level));
  logger->set_pattern(json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%f+00:00\",\"level\":\"%l\","
                             "\"program\":\"%n\",\"pid\":%P,%v}"
                           : "%Y-%m-%dT%H:%M:%S.%fZ %l %n[%P] %v",
                      spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

bool log_enabled(LogLevel level) {
  return spdlog::default_logger_raw()->should_log(spdlog_level(level));
}

void log_line(LogLevel level, std::string_view message, std::initializer_list<LogFact> facts) {
  std::string line;
  if (json_lines()) {
    line = "\"message\":" + in_quotes(message);
    for (const LogFact& fact : facts)
      line += "," + in_quotes(fact.key) + ":" + in_quotes(fact.value);
  } else {
    line = message;
    for (const LogFact& fact : facts) {
      line += " " + fact.key + "=" + (is_plain(fact.value) ? fact.value : in_quotes(fact.value));
    }
  }
  spdlog::default_logger_raw()->log(spdlog_level(level), spdlog::string_view_t(line));
}

}  // namespace albicilla
