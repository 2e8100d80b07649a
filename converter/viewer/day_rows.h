// How rows of a day's database become values and back. Columns and their order are named here only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "converter/viewer/batch.h"
#include "converter/viewer/database.h"
#include "converter/viewer/session_row.h"

namespace albicilla::viewer {

// The values bound are in the order of the columns, from parameter 1 on.
const char* file_columns();
FileProgress file_from(const Statement& row);
void bind_file(Statement& statement, const FileProgress& file);

const char* session_columns();
SessionRow session_from(const Statement& row);
void bind_session(Statement& statement, const SessionRow& session);

struct Link {
  std::optional<std::int64_t> previous;  // id of an earlier exchange of the session
  Edge edge = Edge::start;
};

const char* exchange_columns_written();
void bind_exchange(Statement& statement, const LineEntry& entry, std::int64_t id,
                   std::int64_t session, const Link& link);

// An exchange's id: where it stands.
inline std::int64_t exchange_id(std::int64_t file, std::uint64_t line) {
  return (file << 32) | static_cast<std::int64_t>(line & 0xffffffff);
}

// "INSERT INTO t(a, b) VALUES(?,?)"; `verb` is INSERT or REPLACE.
std::string insert_sql(const char* verb, const char* table, std::string_view columns);

}  // namespace albicilla::viewer
