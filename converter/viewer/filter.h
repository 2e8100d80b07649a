// Which exchanges somebody wants to see: the filter of every list, plot, search and export. Read
// from the query of a URL, written as SQL and as a command line of the converter.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/database.h"

namespace albicilla::viewer {

// Gives a query parameter's text; empty when it is absent.
using Parameters = std::function<std::string(std::string_view)>;

struct Filter {
  std::optional<std::int64_t> since;  // microseconds since 1970; closed at or after
  std::optional<std::int64_t> until;  // closed before
  std::string model;
  std::string user;
  std::string client;
  std::string ending;
  std::string session;  // exactly this one
  std::string text;     // part of the session's id or of its first words
  std::optional<bool> failed;
  std::int64_t min_turns = 0;
  bool has_tools = false;
  bool has_forks = false;

  // True when a day's totals answer the question, because no exchange is left out of it.
  bool is_time_only() const;
  // May the day hold anything? Generous: a file's day and its lines' times can differ at midnight.
  bool covers_day(std::string_view day) const;
};

// since and until are "2026-01-13", "2026-01-13T10:00" or with seconds and zone; status is ok or
// failed.
Result<Filter> parse_filter(const Parameters& parameter);

// A condition with its values, to be bound in this order.
struct Condition {
  std::string sql = "1";
  std::vector<std::variant<std::int64_t, std::string>> values;

  void add(std::string_view condition);
  void add(std::string_view condition, std::int64_t value);
  void add(std::string_view condition, std::string value);
  void add(const Condition& other);
  // Binds from parameter `index` on; gives the next free one.
  int bind(Statement& statement, int index) const;
};

Condition session_condition(const Filter& filter);   // on `session s`
Condition exchange_condition(const Filter& filter);  // on `exchange e`

// As the command line says it, without the program's name; shell-quoted words.
std::vector<std::string> converter_arguments(const Filter& filter);

}  // namespace albicilla::viewer
