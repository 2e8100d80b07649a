#include "sink/layout/exchange_fields.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "common/json/walk.h"
#include "common/json/writer.h"

namespace albicilla {

namespace {

constexpr std::string_view kNull = "null";

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

int digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(std::min(from, text.size()), count)) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + (c - '0');
  }
  return value;
}

// As iso8601() writes it.
WallTime time_of(std::string_view text) {
  const std::chrono::year_month_day date(
      std::chrono::year(digits(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(digits(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(digits(text, 8, 2))));
  if (!date.ok()) return {};
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(digits(text, 11, 2)) +
         std::chrono::minutes(digits(text, 14, 2)) + std::chrono::seconds(digits(text, 17, 2)) +
         Microseconds(digits(text, 20, 6));
}

}  // namespace

std::string_view ExchangeFields::raw(std::string_view name) const {
  const std::string_view found = json_first_member(line_.view.exchange, name);
  return found.empty() ? kNull : found;
}

std::string ExchangeFields::text(std::string_view name) const {
  return json_text(raw(name)).value_or("");
}

std::uint64_t ExchangeFields::number(std::string_view name) const {
  return json_count(raw(name)).value_or(0);
}

bool ExchangeFields::is_true(std::string_view name) const { return json_is_true(raw(name)); }

std::string ExchangeFields::headers(std::string_view name) const {
  std::vector<std::pair<std::string, std::string>> fields;
  JsonElements pairs(raw(name));
  for (std::string_view pair; pairs.next(pair);) {
    JsonElements both(pair);
    std::string_view key;
    std::string_view value;
    if (!both.next(key) || !both.next(value)) continue;
    const std::string field = lower(json_text(key).value_or(""));
    const auto known = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& one) { return one.first == field; });
    if (known != fields.end()) {
      known->second += ", " + json_text(value).value_or("");
    } else {
      fields.emplace_back(field, json_text(value).value_or(""));
    }
  }
  std::string object;
  JsonWriter writer(object);
  writer.begin_object();
  for (const auto& [field, value] : fields) writer.key(field).text(value);
  writer.end_object();
  return object;
}

std::string ExchangeFields::model() const {
  const auto asked = json_text(json_first_member(line_.view.request, "model"));
  return asked && !asked->empty() ? *asked : text("model");
}

std::string_view ExchangeFields::provider() const {
  const std::string dialect = text("dialect");
  if (dialect.starts_with("openai")) return "openai";
  return dialect.starts_with("anthropic") ? "anthropic" : "";
}

WallTime ExchangeFields::started_at() const { return time_of(text("started_at")); }

std::uint64_t ExchangeFields::duration_ms() const {
  const std::string_view written = raw("duration_ms");  // 12 or 12.042
  std::uint64_t value = 0;
  std::from_chars(written.data(), written.data() + written.size(), value);
  return value;
}

}  // namespace albicilla
