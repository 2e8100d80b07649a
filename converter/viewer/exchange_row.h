// An exchange as lists, the live tail and the inspector show it, from the database or fresh from
// the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/json/writer.h"
#include "converter/viewer/database.h"
#include "converter/viewer/day_writer.h"

namespace albicilla::viewer {

struct ExchangeRow {
  std::int64_t id = 0;
  std::string session;
  std::string file;  // "2026-01-13/s1.jsonl"; with the line it names the exchange for ever
  std::int64_t line = 0;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t closed_at = 0;
  std::int64_t started_at = 0;
  std::optional<std::int64_t> status, duration_us, first_byte_us;
  std::optional<std::int64_t> input_tokens, output_tokens, cached_tokens, reasoning_tokens;
  bool failed = false;
  bool streaming = false;
  std::int64_t asked = 0;
  std::int64_t tools = 0;
  std::int64_t calls = 0;
  Edge edge = Edge::start;
  std::optional<std::int64_t> previous;  // id, in the same database
  std::string previous_file;             // where that stands
  std::int64_t previous_line = 0;        // 0: nowhere
  std::string model, user, client, dialect, ending, uuid, method, path, upstream, latest, error;

  // "2026-01-13/s1.jsonl:3"
  std::string ref() const { return file + ":" + std::to_string(line); }
};

// For `SELECT <columns> FROM exchange e JOIN session s ON s.id=e.session JOIN file f ON
// f.id=e.file`.
const char* exchange_columns();
inline constexpr const char* kExchangeTables =
    "exchange e JOIN session s ON s.id=e.session JOIN file f ON f.id=e.id>>32"
    " LEFT JOIN file p ON p.id=e.previous>>32";
ExchangeRow exchange_from(const Statement& row);
ExchangeRow exchange_from(const FreshExchange& fresh);

// The object of the API (API.md, Exchange).
void write_exchange(JsonWriter& json, const ExchangeRow& row);

// "2026-01-13/s1.jsonl:3" -> file and line.
std::optional<std::pair<std::string, std::int64_t>> parse_ref(std::string_view ref);

}  // namespace albicilla::viewer
