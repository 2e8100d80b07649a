#include "converter/viewer/day_writer.h"

#include <utility>

#include "converter/viewer/day_rows.h"
#include "converter/viewer/day_schema.h"

namespace albicilla::viewer {
namespace {

constexpr std::int64_t kMicrosPerMinute = 60'000'000;
// Facets of a kind beyond this many are hostile or an accident; they are not offered as filters.
constexpr std::size_t kMostFacets = 400;
constexpr std::array<std::pair<const char*, std::string LineFacts::*>, 5> kFacets = {
    {{"model", &LineFacts::model},
     {"user", &LineFacts::user},
     {"client", &LineFacts::client},
     {"ending", &LineFacts::ending},
     {"dialect", &LineFacts::dialect}}};

}  // namespace

struct DayWriter::Statements {
  Statement select_file, replace_file, select_session, replace_session;
  Statement by_tail, by_response, by_previous, insert_exchange;
  Statement insert_message, select_message, insert_place;
  Statement add_minute, add_facet, insert_gap;
};

DayWriter::DayWriter(Database database, std::filesystem::path path, std::string day,
                     std::string boot)
    : database_(std::move(database)),
      statements_(std::make_unique<Statements>()),
      path_(std::move(path)),
      day_(std::move(day)),
      boot_(std::move(boot)) {}

DayWriter::~DayWriter() = default;

Result<std::unique_ptr<DayWriter>> DayWriter::open(const std::filesystem::path& index_dir,
                                                   const std::string& day,
                                                   const std::string& boot) {
  auto database = open_day_for_writing(index_dir, day, boot);
  if (!database) return database.error();
  std::unique_ptr<DayWriter> writer(
      new DayWriter(std::move(*database), day_path(index_dir, day), day, boot));
  if (Status status = writer->prepare(); !status) return status.error();
  return writer;
}

Status DayWriter::prepare() {
  const std::string files = std::string("SELECT ") + file_columns() + " FROM file WHERE name=?";
  const std::string sessions =
      std::string("SELECT ") + session_columns() + " FROM session WHERE name=?";
  constexpr const char* kMessageColumns =
      "id, hash, role, session, exchange, answered, offset, bytes";
  Statements& s = *statements_;
  const std::pair<Statement*, std::string> wanted[] = {
      {&s.select_file, files},
      {&s.replace_file, insert_sql("REPLACE", "file", file_columns())},
      {&s.select_session, sessions},
      {&s.replace_session, insert_sql("REPLACE", "session", session_columns())},
      {&s.by_tail, "SELECT id FROM exchange WHERE session=? AND tail=? ORDER BY id DESC LIMIT 1"},
      {&s.by_response, "SELECT id FROM exchange WHERE response_id=? AND response_id<>'' LIMIT 1"},
      {&s.by_previous, "SELECT 1 FROM exchange WHERE previous=? AND edge<>2 LIMIT 1"},
      {&s.insert_exchange, insert_sql("INSERT", "exchange", exchange_columns_written())},
      {&s.insert_message, insert_sql("INSERT OR IGNORE", "message", kMessageColumns)},
      {&s.select_message, "SELECT id, session FROM message WHERE hash=?"},
      {&s.insert_place, "INSERT OR IGNORE INTO place VALUES(?, ?, ?, ?, ?, ?)"},
      {&s.insert_gap, "REPLACE INTO gap VALUES(?, ?, ?, ?, ?, ?, ?)"},
      {&s.add_minute,
       "INSERT INTO minute VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(minute) DO UPDATE SET"
       " exchanges=exchanges+?2, failed=failed+?3, input_tokens=input_tokens+?4,"
       " output_tokens=output_tokens+?5"},
      {&s.add_facet,
       "INSERT INTO facet VALUES(?1, ?2, ?3)"
       " ON CONFLICT(kind, text) DO UPDATE SET exchanges=exchanges+?3"},
  };
  for (const auto& [statement, sql] : wanted) {
    auto prepared = database_.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  if (Status status = words_.prepare(database_); !status) return status;
  return load_counters();
}

// Ids are given out here, so that rows can be written once, when they are whole.
Status DayWriter::load_counters() {
  auto select = database_.prepare(
      "SELECT ifnull((SELECT max(id) FROM file), 0), ifnull((SELECT max(id) FROM session), 0)");
  if (!select) return select.error();
  auto row = select->step();
  if (!row) return row.error();
  last_file_ = select->integer(0);
  last_session_ = select->integer(1);
  return {};
}

Result<std::vector<FileProgress>> DayWriter::files() {
  auto select = database_.prepare(std::string("SELECT ") + file_columns() + " FROM file");
  if (!select) return select.error();
  std::vector<FileProgress> files;
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return files;
    files.push_back(file_from(*select));
  }
}

Result<std::optional<FileProgress>> DayWriter::file(std::string_view name) {
  Statement& select = statements_->select_file;
  auto row = select.bind(1, name).step();
  if (!row) return row.error();
  std::optional<FileProgress> found;
  if (*row) found = file_from(select);
  select.reset();
  return found;
}

Status DayWriter::begin() {
  if (in_transaction_) return {};
  if (!marked_) {
    if (Status status = mark_writer(database_, boot_); !status) return status;
    marked_ = true;
  }
  in_transaction_ = true;
  return database_.run("BEGIN");
}

Status DayWriter::write(Batch& batch, std::vector<FreshExchange>& fresh, std::size_t most_fresh) {
  if (Status status = begin(); !status) return status;
  words_.begin_batch(batch.words);
  for (FileProgress& file : batch.files) {
    if (Status status = write_file(file); !status) return status;
  }
  const std::size_t keep_from = batch.lines.size() - std::min(batch.lines.size(), most_fresh);
  for (std::size_t i = 0; i < batch.lines.size(); ++i) {
    LineEntry& entry = batch.lines[i];
    const FileProgress& file = batch.files[entry.file];
    Edge edge = Edge::start;
    if (Status status = write_line(entry, file.id, edge); !status) return status;
    if (i >= keep_from) fresh.push_back({file.name, std::move(entry), edge});
  }
  for (const GapEntry& gap : batch.gaps) {
    if (Status status = write_gap(gap, batch.files[gap.file].id); !status) return status;
  }
  if (fresh.size() > most_fresh) {
    fresh.erase(fresh.begin(), fresh.end() - static_cast<std::ptrdiff_t>(most_fresh));
  }
  return {};
}

Status DayWriter::write_file(FileProgress& file) {
  // A large file comes in several batches; only the first of them may not know the id yet.
  if (file.id == 0 && file.name == newest_file_) file.id = last_file_;
  if (file.id == 0) {
    file.id = ++last_file_;
    newest_file_ = file.name;
  }
  bind_file(statements_->replace_file, file);
  return statements_->replace_file.run();
}

Status DayWriter::write_line(const LineEntry& entry, std::int64_t file, Edge& edge) {
  if (!in_session_ || session_.name != entry.facts.session) {
    if (Status status = leave_session(); !status) return status;
    if (Status status = enter_session(entry.facts.session); !status) return status;
  }
  auto link = find_link(entry);
  if (!link) return link.error();
  edge = link->edge;
  const std::int64_t id = exchange_id(file, entry.number);
  bind_exchange(statements_->insert_exchange, entry, id, session_.id, *link);
  if (Status status = statements_->insert_exchange.run(); !status) return status;
  if (!entry.prefix.empty()) tails_[entry.prefix.back()] = id;
  session_.add(entry, link->edge);
  count(entry);
  return write_messages(entry, id);
}

Status DayWriter::enter_session(const std::string& name) {
  Statement& select = statements_->select_session;
  auto row = select.bind(1, std::string_view(name)).step();
  if (!row) return row.error();
  session_ = *row ? session_from(select) : SessionRow{};
  select.reset();
  in_session_ = true;
  tails_.clear();
  continued_.clear();
  known_before_ = session_.exchanges;
  if (session_.id == 0) {
    session_.name = name;
    session_.id = ++last_session_;
  }
  return {};
}

Status DayWriter::leave_session() {
  if (!std::exchange(in_session_, false)) return {};
  bind_session(statements_->replace_session, session_);
  return statements_->replace_session.run();
}

// The longest history that an earlier request of this session had; `whole` when it is all of it.
Result<std::optional<std::int64_t>> DayWriter::find_by_prefix(const LineEntry& entry, bool& whole) {
  Statement& select = statements_->by_tail;
  for (std::size_t i = entry.prefix.size(); i > 0; --i) {
    whole = i == entry.prefix.size();
    const auto recent = tails_.find(entry.prefix[i - 1]);
    if (recent != tails_.end()) return std::optional(recent->second);
    if (known_before_ == 0) continue;
    auto row = select.bind(1, session_.id).bind(2, entry.prefix[i - 1]).step();
    if (!row) return row.error();
    std::optional<std::int64_t> found;
    if (*row) found = select.integer(0);
    select.reset();
    if (found) return found;
  }
  return std::optional<std::int64_t>();
}

Result<bool> DayWriter::is_continued(std::int64_t exchange) {
  if (!continued_.insert(exchange).second) return true;
  if (known_before_ == 0) return false;
  Statement& select = statements_->by_previous;
  auto row = select.bind(1, exchange).step();
  select.reset();
  return row;
}

Result<Link> DayWriter::find_link(const LineEntry& entry) {
  Link link;
  bool whole = false;
  if (!entry.facts.previous_id.empty()) {
    Statement& select = statements_->by_response;
    auto row = select.bind(1, std::string_view(entry.facts.previous_id)).step();
    if (!row) return row.error();
    if (*row) link.previous = select.integer(0);
    select.reset();
  } else if (session_.exchanges > 0) {
    auto found = find_by_prefix(entry, whole);
    if (!found) return found.error();
    link.previous = *found;
  }
  if (!link.previous) return link;
  link.edge = Edge::retry;
  if (whole) return link;
  auto continued = is_continued(*link.previous);
  if (!continued) return continued.error();
  link.edge = *continued ? Edge::edit_fork : Edge::continuation;
  return link;
}

Status DayWriter::write_gap(const GapEntry& entry, std::int64_t file) {
  Statement& insert = statements_->insert_gap;
  insert.bind(1, exchange_id(file, entry.number)).bind(2, micros(entry.at));
  insert.bind(3, std::string_view(entry.gap.producer));
  insert.bind(4, entry.gap.from).bind(5, entry.gap.to).bind(6, entry.gap.exchanges);
  insert.bind(7, std::string_view(entry.gap.cause));
  return insert.run();
}

Status DayWriter::write_messages(const LineEntry& entry, std::int64_t exchange) {
  for (const MessageEntry& message : entry.messages) {
    Status status = message.is_new ? add_message(message, exchange) : add_place(message, exchange);
    if (!status) return status;
  }
  return {};
}

Status DayWriter::add_message(const MessageEntry& message, std::int64_t exchange) {
  Statement& insert = statements_->insert_message;
  insert.bind_null(1).bind(2, message.hash).bind(3, static_cast<std::int64_t>(message.role));
  insert.bind(4, session_.id).bind(5, exchange).bind(6, std::int64_t{message.answered ? 1 : 0});
  insert.bind(7, static_cast<std::int64_t>(message.offset));
  insert.bind(8, static_cast<std::int64_t>(message.bytes));
  if (Status status = insert.run(); !status) return status;
  if (database_.changes() == 0) return add_place(message, exchange);
  return words_.add(database_.last_row(), message.words);
}

// A message that the index knows, said in this session too.
Status DayWriter::add_place(const MessageEntry& message, std::int64_t exchange) {
  Statement& select = statements_->select_message;
  auto row = select.bind(1, message.hash).step();
  if (!row) return row.error();
  const std::int64_t id = *row ? select.integer(0) : 0;
  const bool elsewhere = *row && select.integer(1) != session_.id;
  select.reset();
  if (!elsewhere) return {};
  Statement& insert = statements_->insert_place;
  insert.bind(1, id).bind(2, session_.id).bind(3, exchange);
  insert.bind(4, std::int64_t{message.answered ? 1 : 0});
  insert.bind(5, static_cast<std::int64_t>(message.offset));
  insert.bind(6, static_cast<std::int64_t>(message.bytes));
  return insert.run();
}

void DayWriter::count(const LineEntry& entry) {
  const LineFacts& facts = entry.facts;
  Minute& minute = minutes_[micros(facts.closed_at) / kMicrosPerMinute];
  ++minute.exchanges;
  minute.failed += facts.failed() ? 1 : 0;
  minute.input_tokens += facts.input_tokens.value_or(0);
  minute.output_tokens += facts.output_tokens.value_or(0);
  for (std::size_t kind = 0; kind < kFacets.size(); ++kind) {
    const std::string& text = facts.*kFacets[kind].second;
    if (text.empty()) continue;
    auto& counts = facets_[kind];
    const auto found = counts.find(text);
    if (found != counts.end()) {
      ++found->second;
    } else if (counts.size() < kMostFacets) {
      counts.emplace(text, 1);
    }
  }
}

Status DayWriter::write_counts() {
  for (const auto& [minute, sums] : minutes_) {
    Statement& add = statements_->add_minute;
    add.bind(1, minute).bind(2, sums.exchanges).bind(3, sums.failed);
    add.bind(4, sums.input_tokens).bind(5, sums.output_tokens);
    if (Status status = add.run(); !status) return status;
  }
  minutes_.clear();
  for (std::size_t kind = 0; kind < kFacets.size(); ++kind) {
    for (const auto& [text, exchanges] : facets_[kind]) {
      Statement& add = statements_->add_facet;
      add.bind(1, std::string_view(kFacets[kind].first)).bind(2, std::string_view(text));
      if (Status status = add.bind(3, exchanges).run(); !status) return status;
    }
    facets_[kind].clear();
  }
  return {};
}

Status DayWriter::commit() {
  if (!in_transaction_) return {};
  if (Status status = leave_session(); !status) return status;
  if (Status status = write_counts(); !status) return status;
  if (Status status = words_.write(); !status) return status;
  in_transaction_ = false;
  if (Status status = database_.run("COMMIT"); !status) return status;
  return words_.wants_merge() ? merge_words(path_) : Status();
}

Status DayWriter::add_orders() {
  if (ordered_) return {};
  if (Status status = begin(); !status) return status;
  if (Status status = database_.run(kSessionOrders); !status) return status;
  ordered_ = true;
  return commit();
}

Status DayWriter::close() {
  if (Status status = commit(); !status) return status;
  return std::exchange(marked_, false) ? close_day(database_) : Status();
}

}  // namespace albicilla::viewer
