#include "converter/viewer/filter.h"

#include <charconv>
#include <chrono>

#include "converter/reading/log_entry.h"
#include "converter/viewer/session_row.h"

namespace albicilla::viewer {
namespace {

constexpr std::int64_t kMicrosPerDay = std::int64_t{86400} * 1000000;
constexpr std::size_t kMostText = 512;

std::optional<WallTime> parse_time(std::string text) {
  if (text.size() == 10) text += "T00:00:00";
  if (text.size() == 16) text += ":00";
  return parse_iso8601(text);
}

Result<std::optional<std::int64_t>> time_parameter(const Parameters& parameter,
                                                   std::string_view name) {
  const std::string text = parameter(name);
  if (text.empty()) return std::optional<std::int64_t>();
  const auto time = parse_time(text);
  if (!time) {
    return client_error(std::string(name) + " must be a time like 2026-01-13T10:00, got '" +
                        text.substr(0, 40) + "'");
  }
  return std::optional(micros(*time));
}

// For LIKE with ESCAPE '\'.
std::string like_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

std::string framed(std::string_view word) {
  return kSetSeparator + std::string(word) + kSetSeparator;
}

bool about_session(const Filter& filter) {
  return !filter.text.empty() || filter.min_turns > 0 || filter.has_tools || filter.has_forks;
}

// What only a session as a whole can tell.
void add_session_traits(const Filter& filter, Condition& condition) {
  if (!filter.text.empty()) {
    condition.add("(s.name LIKE ? ESCAPE '\\'", like_pattern(filter.text));
    condition.sql += " OR s.opening LIKE ? ESCAPE '\\')";
    condition.values.emplace_back(like_pattern(filter.text));
  }
  if (filter.min_turns > 0) condition.add("s.turns>=?", filter.min_turns);
  if (filter.has_tools) condition.add("s.calls>0");
  if (filter.has_forks) condition.add("s.forks>0");
}

std::string iso_second(std::int64_t micros_since_1970) {
  return iso8601(WallTime(Microseconds(micros_since_1970)));
}

}  // namespace

bool Filter::is_time_only() const {
  return model.empty() && user.empty() && client.empty() && ending.empty() && session.empty() &&
         !failed && !about_session(*this);
}

bool Filter::covers_day(std::string_view day) const {
  const auto begin = parse_time(std::string(day));
  if (!begin) return false;
  if (until && micros(*begin) - kMicrosPerDay >= *until) return false;
  return !since || micros(*begin) + 2 * kMicrosPerDay > *since;
}

Result<Filter> parse_filter(const Parameters& parameter) {
  Filter filter;
  auto since = time_parameter(parameter, "since");
  if (!since) return since.error();
  auto until = time_parameter(parameter, "until");
  if (!until) return until.error();
  filter.since = *since;
  filter.until = *until;
  const std::pair<std::string_view, std::string Filter::*> texts[] = {
      {"model", &Filter::model},   {"user", &Filter::user},       {"client", &Filter::client},
      {"ending", &Filter::ending}, {"session", &Filter::session}, {"text", &Filter::text}};
  for (const auto& [name, into] : texts) {
    filter.*into = parameter(name);
    if ((filter.*into).size() > kMostText) return client_error(std::string(name) + " is too long");
  }
  const std::string status = parameter("status");
  if (status == "ok" || status == "failed") {
    filter.failed = status == "failed";
  } else if (!status.empty()) {
    return client_error("status must be ok or failed");
  }
  const std::string turns = parameter("min_turns");
  if (!turns.empty() &&
      std::from_chars(turns.data(), turns.data() + turns.size(), filter.min_turns).ec !=
          std::errc{}) {
    return client_error("min_turns must be a number");
  }
  filter.has_tools = parameter("tools") == "1";
  filter.has_forks = parameter("forks") == "1";
  return filter;
}

void Condition::add(std::string_view condition) {
  sql += " AND ";
  sql += condition;
}

void Condition::add(std::string_view condition, std::int64_t value) {
  add(condition);
  values.emplace_back(value);
}

void Condition::add(std::string_view condition, std::string value) {
  add(condition);
  values.emplace_back(std::move(value));
}

void Condition::add(const Condition& other) {
  add(other.sql);
  values.insert(values.end(), other.values.begin(), other.values.end());
}

int Condition::bind(Statement& statement, int index) const {
  for (const auto& value : values) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      statement.bind(index++, *number);
    } else {
      statement.bind(index++, std::string_view(std::get<std::string>(value)));
    }
  }
  return index;
}

Condition session_condition(const Filter& filter) {
  Condition condition;
  if (filter.since) condition.add("s.last_at>=?", *filter.since);
  if (filter.until) condition.add("s.first_at<?", *filter.until);
  if (!filter.session.empty()) condition.add("s.name=?", filter.session);
  if (!filter.user.empty()) condition.add("s.user=?", filter.user);
  if (!filter.client.empty()) condition.add("s.client=?", filter.client);
  if (!filter.model.empty()) condition.add("instr(s.models,?)>0", framed(filter.model));
  if (!filter.ending.empty()) condition.add("instr(s.endings,?)>0", framed(filter.ending));
  if (filter.failed) condition.add(*filter.failed ? "s.failed>0" : "s.failed=0");
  add_session_traits(filter, condition);
  return condition;
}

Condition exchange_condition(const Filter& filter) {
  Condition condition;
  if (filter.since) condition.add("e.closed_at>=?", *filter.since);
  if (filter.until) condition.add("e.closed_at<?", *filter.until);
  if (filter.failed) condition.add("e.failed=?", std::int64_t{*filter.failed ? 1 : 0});
  if (!filter.user.empty()) condition.add("e.user=?", filter.user);
  if (!filter.client.empty()) condition.add("e.client=?", filter.client);
  if (!filter.model.empty()) condition.add("e.model=?", filter.model);
  if (!filter.ending.empty()) condition.add("e.ending=?", filter.ending);
  if (!filter.session.empty()) {
    condition.add("e.session=(SELECT id FROM session WHERE name=?)", filter.session);
  }
  if (about_session(filter)) {
    Condition traits;
    add_session_traits(filter, traits);
    condition.add("e.session IN (SELECT s.id FROM session s WHERE " + traits.sql + ")");
    condition.values.insert(condition.values.end(), traits.values.begin(), traits.values.end());
  }
  return condition;
}

std::vector<std::string> converter_arguments(const Filter& filter) {
  std::vector<std::string> arguments;
  const auto add = [&](const char* flag, const std::string& value) {
    if (value.empty()) return;
    arguments.emplace_back(flag);
    arguments.push_back(value);
  };
  if (filter.since) add("--since", iso_second(*filter.since));
  if (filter.until) add("--until", iso_second(*filter.until));
  add("--model", filter.model);
  add("--session", filter.session);
  add("--user", filter.user);
  if (filter.failed) add("--status", *filter.failed ? "failed" : "ok");
  if (filter.min_turns > 0) add("--min-turns", std::to_string(filter.min_turns));
  if (filter.has_tools) arguments.emplace_back("--has-tools");
  return arguments;
}

}  // namespace albicilla::viewer
