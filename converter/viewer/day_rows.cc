#include "converter/viewer/day_rows.h"

#include <string>
#include <string_view>

namespace albicilla::viewer {
namespace {

std::string hex(const Digest& digest) { return hex_prefix(digest, 64); }

}  // namespace

const char* file_columns() {
  return "id, name, sealed, inode, modified_ns, offset, lines, chain, chain_n, chain_h, "
         "broken_line, unreadable, unreadable_line, gaps, erased, fault";
}

FileProgress file_from(const Statement& row) {
  FileProgress file;
  file.id = row.integer(0);
  file.name = row.text(1);
  file.sealed = row.integer(2) != 0;
  file.inode = static_cast<std::uint64_t>(row.integer(3));
  file.modified_ns = row.integer(4);
  file.offset = static_cast<std::uint64_t>(row.integer(5));
  file.lines = static_cast<std::uint64_t>(row.integer(6));
  file.chain = static_cast<ChainState>(row.integer(7));
  file.head.n = static_cast<std::uint64_t>(row.integer(8));
  file.head.h = digest_from_hex(row.text(9)).value_or(Digest{});
  file.broken_line = static_cast<std::uint64_t>(row.integer(10));
  file.unreadable = static_cast<std::uint64_t>(row.integer(11));
  file.unreadable_line = static_cast<std::uint64_t>(row.integer(12));
  file.gaps = static_cast<std::uint64_t>(row.integer(13));
  file.erased = static_cast<std::uint64_t>(row.integer(14));
  file.fault = row.text(15);
  return file;
}

void bind_file(Statement& statement, const FileProgress& file) {
  statement.bind(1, file.id)
      .bind(2, std::string_view(file.name))
      .bind(3, std::int64_t{file.sealed ? 1 : 0})
      .bind(4, static_cast<std::int64_t>(file.inode))
      .bind(5, file.modified_ns)
      .bind(6, static_cast<std::int64_t>(file.offset))
      .bind(7, static_cast<std::int64_t>(file.lines))
      .bind(8, static_cast<std::int64_t>(file.chain))
      .bind(9, static_cast<std::int64_t>(file.head.n))
      .bind(10, std::string_view(hex(file.head.h)))
      .bind(11, static_cast<std::int64_t>(file.broken_line))
      .bind(12, static_cast<std::int64_t>(file.unreadable))
      .bind(13, static_cast<std::int64_t>(file.unreadable_line))
      .bind(14, static_cast<std::int64_t>(file.gaps))
      .bind(15, static_cast<std::int64_t>(file.erased))
      .bind(16, std::string_view(file.fault));
}

const char* session_columns() {
  return "id, name, first_at, last_at, exchanges, turns, failed, calls, input_tokens, "
         "output_tokens, cached_tokens, duration_us, forks, retries, starts, user, client, models, "
         "endings, opening";
}

SessionRow session_from(const Statement& row) {
  SessionRow session;
  session.id = row.integer(0);
  session.name = row.text(1);
  std::int64_t SessionRow::*const numbers[] = {
      &SessionRow::first_at,     &SessionRow::last_at,       &SessionRow::exchanges,
      &SessionRow::turns,        &SessionRow::failed,        &SessionRow::calls,
      &SessionRow::input_tokens, &SessionRow::output_tokens, &SessionRow::cached_tokens,
      &SessionRow::duration_us,  &SessionRow::forks,         &SessionRow::retries,
      &SessionRow::starts};
  int column = 2;
  for (const auto number : numbers) session.*number = row.integer(column++);
  std::string SessionRow::*const texts[] = {&SessionRow::user, &SessionRow::client,
                                            &SessionRow::models, &SessionRow::endings,
                                            &SessionRow::opening};
  for (const auto text : texts) session.*text = row.text(column++);
  return session;
}

void bind_session(Statement& statement, const SessionRow& s) {
  int index = 1;
  statement.bind(index++, s.id);
  statement.bind(index++, std::string_view(s.name));
  for (const std::int64_t number :
       {s.first_at, s.last_at, s.exchanges, s.turns, s.failed, s.calls, s.input_tokens,
        s.output_tokens, s.cached_tokens, s.duration_us, s.forks, s.retries, s.starts}) {
    statement.bind(index++, number);
  }
  for (const std::string* text : {&s.user, &s.client, &s.models, &s.endings, &s.opening}) {
    statement.bind(index++, std::string_view(*text));
  }
}

const char* exchange_columns_written() {
  return "id, session, closed_at, failed, status, input_tokens, output_tokens, cached_tokens,"
         " reasoning_tokens, duration_us, first_byte_us, started_at, streaming, offset, bytes,"
         " asked, tools, calls, previous, edge, tail, model, user, client, dialect, ending, uuid,"
         " response_id, method, path, upstream, latest, error";
}

void bind_exchange(Statement& statement, const LineEntry& entry, std::int64_t id,
                   std::int64_t session, const Link& link) {
  const LineFacts& f = entry.facts;
  int index = 1;
  statement.bind(index++, id);
  statement.bind(index++, session);
  statement.bind(index++, micros(f.closed_at));
  statement.bind(index++, std::int64_t{f.failed() ? 1 : 0});
  for (const auto& number : {f.status, f.input_tokens, f.output_tokens, f.cached_tokens,
                             f.reasoning_tokens, f.duration_us, f.first_byte_us}) {
    statement.bind(index++, number);
  }
  for (const std::int64_t number :
       {micros(f.started_at), std::int64_t{f.streaming ? 1 : 0},
        static_cast<std::int64_t>(entry.offset), static_cast<std::int64_t>(entry.bytes),
        static_cast<std::int64_t>(f.asked), static_cast<std::int64_t>(f.tools),
        static_cast<std::int64_t>(entry.calls)}) {
    statement.bind(index++, number);
  }
  statement.bind(index++, link.previous);
  statement.bind(index++, static_cast<std::int64_t>(link.edge));
  statement.bind(index++, entry.prefix.empty() ? std::nullopt : std::optional(entry.prefix.back()));
  // Chat completions are never continued by id: their ids need no room in an index.
  const std::string_view response_id =
      f.dialect == "openai_chat" ? std::string_view() : std::string_view(f.response_id);
  for (const std::string_view text :
       {std::string_view(f.model), std::string_view(f.user), std::string_view(f.client),
        std::string_view(f.dialect), std::string_view(f.ending), std::string_view(f.id),
        response_id, std::string_view(f.method), std::string_view(f.path),
        std::string_view(f.upstream), std::string_view(entry.latest), std::string_view(f.error)}) {
    statement.bind_view(index++, text);
  }
}

std::string insert_sql(const char* verb, const char* table, std::string_view columns) {
  std::string sql =
      std::string(verb) + " INTO " + table + "(" + std::string(columns) + ") VALUES(?";
  for (const char c : columns) {
    if (c == ',') sql += ",?";
  }
  return sql + ")";
}

}  // namespace albicilla::viewer
