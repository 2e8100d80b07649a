#include "converter/viewer/session_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "converter/viewer/day_rows.h"
#include "converter/viewer/json_member.h"
#include "converter/viewer/log_tree.h"

namespace albicilla::viewer {
namespace {

struct OrderName {
  std::string_view word;
  SessionOrder order;
  const char* column;
};
constexpr std::array<OrderName, 5> kOrders = {
    {{"newest", SessionOrder::newest, "s.last_at"},
     {"exchanges", SessionOrder::exchanges, "s.exchanges"},
     {"tokens", SessionOrder::tokens, "(s.input_tokens+s.output_tokens)"},
     {"failed", SessionOrder::failed, "s.failed"},
     {"duration", SessionOrder::duration, "s.duration_us"}}};

const char* column_of(SessionOrder order) {
  for (const OrderName& name : kOrders) {
    if (name.order == order) return name.column;
  }
  return kOrders[0].column;
}

// A place in the list: the measure and, among equals, the name.
struct Place {
  std::int64_t value = 0;
  std::string name;
  bool operator<(const Place& other) const {
    return value != other.value ? value < other.value : name < other.name;
  }
};

std::optional<Place> parse_cursor(const std::string& cursor) {
  Place place;
  const char* end = cursor.data() + cursor.size();
  const auto parsed = std::from_chars(cursor.data(), end, place.value);
  if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != '~') return std::nullopt;
  place.name.assign(parsed.ptr + 1, end);
  return place;
}

struct Candidate {
  Place place;
  std::string day;
  SessionRow session;
};

struct Question {
  Condition condition;
  std::string column;
  std::optional<Place> after;
  std::size_t most = 0;
};

std::string session_columns_of(const char* table) {
  std::string columns = std::string(table) + ".";
  for (const char* c = session_columns(); *c != '\0'; ++c) {
    columns += *c;
    if (*c == ' ') columns += std::string(table) + ".";
  }
  return columns;
}

Status ask_day(Database& database, const std::string& day, const Question& question,
               std::vector<Candidate>& candidates) {
  std::string sql = "SELECT " + session_columns_of("s") + ", " + question.column +
                    " FROM session s WHERE " + question.condition.sql;
  if (question.after) sql += " AND (" + question.column + ", s.name) < (?, ?)";
  sql += " ORDER BY " + question.column + " DESC, s.name DESC LIMIT ?";
  auto select = database.prepare(sql);
  if (!select) return select.error();
  int index = question.condition.bind(*select, 1);
  if (question.after) {
    select->bind(index++, question.after->value);
    select->bind(index++, std::string_view(question.after->name));
  }
  select->bind(index, static_cast<std::int64_t>(question.most));
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    Candidate candidate;
    candidate.session = session_from(*select);
    candidate.place = {select->integer(20), candidate.session.name};
    candidate.day = day;
    candidates.push_back(std::move(candidate));
  }
}

// Can this day still bring something in front of the last candidate? Only asked of the newest-first
// order, where an index knows the day's newest session.
bool is_beyond(Database& database, const std::vector<Candidate>& candidates, std::size_t most) {
  if (candidates.size() < most) return false;
  auto select = database.prepare("SELECT max(last_at) FROM session");
  if (!select) return false;
  const auto row = select->step();
  return row && *row && select->integer(0) < candidates[most - 1].place.value;
}

// Adds what the other days know of the session, and tells whether one of them has a better place
// for it: then the session's row is the other one.
Status join_days(DayPool& pool, const std::vector<std::string>& days, const Question& question,
                 Candidate& candidate, SessionPage::Row& joined, bool& is_elsewhere) {
  joined.session = candidate.session;
  joined.days.clear();
  const std::string sql = "SELECT " + session_columns_of("s") + ", " + question.column + ", " +
                          question.condition.sql + " FROM session s WHERE s.name=?";
  for (const std::string& day : days) {
    if (day == candidate.day) {
      joined.days.push_back(day);
      continue;
    }
    auto lease = pool.take(day);
    if (!lease) continue;
    auto select = (*lease)->prepare(sql);
    if (!select) return select.error();
    const int index = question.condition.bind(*select, 1);
    auto row = select->bind(index, std::string_view(candidate.session.name)).step();
    if (!row) return row.error();
    if (!*row) continue;
    joined.session.add(session_from(*select));
    joined.days.push_back(day);
    const Place other{select->integer(20), day};
    if (select->integer(21) == 0) continue;
    is_elsewhere = is_elsewhere || Place{candidate.place.value, candidate.day} < other;
  }
  return {};
}

std::vector<std::string> days_of(DayPool& pool, const Filter& filter) {
  std::vector<std::string> days = pool.days();
  std::erase_if(days, [&](const std::string& day) { return !filter.covers_day(day); });
  return days;
}

Result<std::vector<Candidate>> find_candidates(DayPool& pool, const std::vector<std::string>& days,
                                               const Question& question, bool newest_first) {
  std::vector<Candidate> candidates;
  for (const std::string& day : days) {
    auto lease = pool.take(day);
    if (!lease) continue;  // just being made anew
    if (newest_first && is_beyond(**lease, candidates, question.most)) continue;
    if (Status status = ask_day(**lease, day, question, candidates); !status) {
      return status.error();
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return b.place < a.place; });
    if (candidates.size() > question.most) candidates.resize(question.most);
  }
  return candidates;
}

Status exchanges_of_day(Database& database, const std::string& name,
                        std::vector<ExchangeRow>& exchanges, bool& more) {
  auto select = database.prepare(std::string("SELECT ") + exchange_columns() + " FROM " +
                                 kExchangeTables + " WHERE s.name=? ORDER BY e.started_at, e.id");
  if (!select) return select.error();
  select->bind(1, std::string_view(name));
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    if (exchanges.size() >= kMostSessionExchanges) {
      more = true;
      return {};
    }
    exchanges.push_back(exchange_from(*select));
  }
}

Status files_of_day(Database& database, const std::string& name, std::vector<FileProgress>& files) {
  auto select =
      database.prepare(std::string("SELECT ") + file_columns() +
                       " FROM file WHERE id IN (SELECT DISTINCT e.id>>32 FROM exchange e"
                       " JOIN session s ON s.id=e.session WHERE s.name=?) ORDER BY name LIMIT 100");
  if (!select) return select.error();
  select->bind(1, std::string_view(name));
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    files.push_back(file_from(*select));
  }
}

}  // namespace

std::optional<SessionOrder> session_order_from(std::string_view word) {
  for (const OrderName& name : kOrders) {
    if (name.word == word) return name.order;
  }
  return std::nullopt;
}

Result<SessionPage> list_sessions(DayPool& pool, const Filter& filter, SessionOrder order,
                                  const std::string& cursor, std::size_t most) {
  Question question;
  question.condition = session_condition(filter);
  question.column = column_of(order);
  question.most = std::min(most, kMostPageRows) + 1;
  if (!cursor.empty()) {
    question.after = parse_cursor(cursor);
    if (!question.after) return client_error("cursor is not one of this list");
  }
  const std::vector<std::string> days = days_of(pool, filter);
  const std::vector<std::string> all_days = pool.days();
  auto candidates = find_candidates(pool, days, question, order == SessionOrder::newest);
  if (!candidates) return candidates.error();
  SessionPage page;
  const bool full = candidates->size() == question.most;
  if (full) {
    candidates->pop_back();
    const Place& last = candidates->back().place;
    page.next = std::to_string(last.value) + "~" + last.name;
  }
  for (Candidate& candidate : *candidates) {
    SessionPage::Row row;
    bool is_elsewhere = false;
    Status status = join_days(pool, all_days, question, candidate, row, is_elsewhere);
    if (!status) return status.error();
    if (!is_elsewhere) page.rows.push_back(std::move(row));
  }
  return page;
}

Result<SessionDetail> find_session(DayPool& pool, const std::string& name) {
  SessionDetail detail;
  const std::string sql = std::string("SELECT ") + session_columns() + " FROM session WHERE name=?";
  for (const std::string& day : pool.days()) {
    auto lease = pool.take(day);
    if (!lease) continue;
    auto select = (*lease)->prepare(sql);
    if (!select) return select.error();
    auto row = select->bind(1, std::string_view(name)).step();
    if (!row) return row.error();
    if (!*row) continue;
    if (detail.row.days.empty()) {
      detail.row.session = session_from(*select);
    } else {
      detail.row.session.add(session_from(*select));
    }
    detail.row.days.push_back(day);
    Status status = exchanges_of_day(**lease, name, detail.exchanges, detail.more);
    if (status) status = files_of_day(**lease, name, detail.files);
    if (!status) return status.error();
  }
  if (detail.row.days.empty()) return client_error("no such session");
  std::stable_sort(
      detail.exchanges.begin(), detail.exchanges.end(),
      [](const ExchangeRow& a, const ExchangeRow& b) { return a.started_at < b.started_at; });
  return detail;
}

Result<std::vector<ExchangeRow>> newest_exchanges(DayPool& pool, const Filter& filter,
                                                  std::size_t most) {
  const Condition condition = exchange_condition(filter);
  const std::string sql = std::string("SELECT ") + exchange_columns() + " FROM " + kExchangeTables +
                          " WHERE " + condition.sql + " ORDER BY e.closed_at DESC LIMIT ?";
  std::vector<ExchangeRow> rows;
  for (const std::string& day : days_of(pool, filter)) {
    if (rows.size() >= most) break;
    auto lease = pool.take(day);
    if (!lease) continue;
    auto select = (*lease)->prepare(sql);
    if (!select) return select.error();
    const int index = condition.bind(*select, 1);
    select->bind(index, static_cast<std::int64_t>(most - rows.size()));
    auto row = select->step();
    for (; row && *row; row = select->step()) rows.push_back(exchange_from(*select));
    if (!row) return row.error();
  }
  return rows;
}

Result<ExchangeRow> find_exchange(DayPool& pool, const std::string& file, std::int64_t line) {
  auto lease = pool.take(std::string(day_of(file)));
  if (!lease) return client_error("no such exchange");
  auto select =
      (*lease)->prepare(std::string("SELECT ") + exchange_columns() + " FROM " + kExchangeTables +
                        " WHERE e.id=((SELECT id FROM file WHERE name=?) << 32 | ?)");
  if (!select) return select.error();
  auto row = select->bind(1, std::string_view(file)).bind(2, line & 0xffffffff).step();
  if (!row) return row.error();
  if (!*row) return client_error("no such exchange");
  return exchange_from(*select);
}

Result<ExchangeRow> find_exchange_by_id(DayPool& pool, const std::string& uuid) {
  for (const std::string& day : pool.days()) {
    auto lease = pool.take(day);
    if (!lease || uuid.empty()) continue;
    auto select = (*lease)->prepare(std::string("SELECT ") + exchange_columns() + " FROM " +
                                    kExchangeTables + " WHERE e.uuid=? AND e.uuid<>'' LIMIT 1");
    if (!select) return select.error();
    auto row = select->bind(1, std::string_view(uuid)).step();
    if (!row) return row.error();
    if (*row) return exchange_from(*select);
  }
  return client_error("no such exchange");
}

void write_session(JsonWriter& json, const SessionPage::Row& row) {
  const SessionRow& s = row.session;
  json.begin_object();
  put(json, "session", s.name);
  put(json, "opening", s.opening);
  put(json, "first_at", s.first_at);
  put(json, "last_at", s.last_at);
  put(json, "exchanges", s.exchanges);
  put(json, "turns", s.turns);
  put(json, "failed", s.failed);
  put(json, "calls", s.calls);
  put(json, "input_tokens", s.input_tokens);
  put(json, "output_tokens", s.output_tokens);
  put(json, "cached_tokens", s.cached_tokens);
  put(json, "duration_us", s.duration_us);
  put(json, "forks", s.forks);
  put(json, "retries", s.retries);
  put(json, "starts", s.starts);
  put(json, "user", s.user);
  put(json, "client", s.client);
  const auto write_set = [&](std::string_view key, const std::string& set) {
    json.key(key).begin_array();
    for (const std::string& word : words_of_set(set)) json.text(word);
    json.end_array();
  };
  write_set("models", s.models);
  write_set("endings", s.endings);
  json.key("days").begin_array();
  for (const std::string& day : row.days) json.text(day);
  json.end_array();
  json.end_object();
}

}  // namespace albicilla::viewer
