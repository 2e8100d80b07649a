// Pages of sessions, newest first or by another measure; and the exchanges of one session. A
// session that runs over midnight is one row, with the sums of all its days.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/day_pool.h"
#include "converter/viewer/exchange_row.h"
#include "converter/viewer/filter.h"
#include "converter/viewer/session_row.h"

namespace albicilla::viewer {

enum class SessionOrder { newest, exchanges, tokens, failed, duration };

std::optional<SessionOrder> session_order_from(std::string_view word);

struct SessionPage {
  struct Row {
    SessionRow session;
    std::vector<std::string> days;  // newest first
  };
  std::vector<Row> rows;
  std::string next;  // cursor of the next page; empty at the end
};

inline constexpr std::size_t kMostPageRows = 500;

// `cursor` is empty or what an earlier page gave.
Result<SessionPage> list_sessions(DayPool& pool, const Filter& filter, SessionOrder order,
                                  const std::string& cursor, std::size_t most);

struct SessionDetail {
  SessionPage::Row row;
  std::vector<ExchangeRow> exchanges;  // in the order in which they were started
  bool more = false;                   // there are more than could be given
  std::vector<FileProgress> files;     // that hold them, newest day first
};

inline constexpr std::size_t kMostSessionExchanges = 5000;

// An error of the client's when there is no such session.
Result<SessionDetail> find_session(DayPool& pool, const std::string& name);

// The newest exchanges that the filter leaves.
Result<std::vector<ExchangeRow>> newest_exchanges(DayPool& pool, const Filter& filter,
                                                  std::size_t most);

// By "2026-01-13/s1.jsonl" and line.
Result<ExchangeRow> find_exchange(DayPool& pool, const std::string& file, std::int64_t line);
// By the id of the exchange (a header, a dataset's sidecar).
Result<ExchangeRow> find_exchange_by_id(DayPool& pool, const std::string& uuid);

void write_session(JsonWriter& json, const SessionPage::Row& row);

}  // namespace albicilla::viewer
