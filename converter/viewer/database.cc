#include "converter/viewer/database.h"

#include <algorithm>

#include <sqlite3.h>

#include "converter/viewer/words.h"

namespace albicilla::viewer {
namespace {

// A tokenizer without state: FTS5 wants a pointer that is not null.
int create_tokenizer(void*, const char**, int, Fts5Tokenizer** out) {
  static char none = 0;
  *out = reinterpret_cast<Fts5Tokenizer*>(&none);
  return SQLITE_OK;
}

void delete_tokenizer(Fts5Tokenizer*) {}

using Token = int (*)(void*, int, const char*, int, int, int);

int tokenize(Fts5Tokenizer*, void* context, int, const char* bytes, int size, Token token) {
  WordSplitter words({bytes, static_cast<std::size_t>(size)});
  WordSplitter::Word word;
  while (words.next(word)) {
    const int code = token(context, 0, word.folded.data(), static_cast<int>(word.folded.size()),
                           static_cast<int>(word.begin), static_cast<int>(word.end));
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

fts5_api* fts5_of(sqlite3* database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

constexpr int kStepsPerCheck = 4000;

// Once, before the first connection: memory statistics cost a lock at every allocation.
void prepare_library() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)done;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Error Statement::failure(const char* what) const {
  sqlite3* database = sqlite3_db_handle(statement_.get());
  const char* sql = sqlite3_sql(statement_.get());
  return our_error(std::string(what) + ": " + sqlite3_errmsg(database) + " in " +
                   std::string(sql == nullptr ? "" : sql).substr(0, 120));
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(),
                      text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);  // NOLINT: macro of the library
  return *this;
}

Statement& Statement::bind(int index, std::optional<std::int64_t> value) {
  return value ? bind(index, *value) : bind_null(index);
}

Statement& Statement::bind_view(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(),
                      text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), index, bytes.data() == nullptr ? "" : bytes.data(),
                      bytes.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(statement_.get(), index);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure("step");
}

Status Statement::run() {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement_.get());
  Status status = code == SQLITE_DONE ? Status() : Status(failure("run"));
  reset();
  return status;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

int Statement::columns() const { return sqlite3_column_count(statement_.get()); }

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  prepare_library();
  sqlite3* raw = nullptr;
  const int flags =
      mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &raw,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) {
    return our_error("open index " + path.string() + ": " + sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(raw, 2000);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, 64 << 20);
  if (Status status = database.add_word_tokenizer(); !status) return status.error();
  return database;
}

Status Database::add_word_tokenizer() {
  fts5_api* api = fts5_of(database_.get());
  if (api == nullptr) return our_error("index: this SQLite has no FTS5");
  fts5_tokenizer words{create_tokenizer, delete_tokenizer, tokenize};
  if (api->xCreateTokenizer(api, "words", nullptr, &words, nullptr) != SQLITE_OK) {
    return our_error("index: cannot register the tokenizer");
  }
  return {};
}

Status Database::run(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return our_error(std::string("index: ") + sqlite3_errmsg(database_.get()) + " in " +
                   sql.substr(0, 120));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code == SQLITE_OK) return Statement(statement);
  return our_error(std::string("index: ") + sqlite3_errmsg(database_.get()) + " in " +
                   std::string(sql.substr(0, 120)));
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(database_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes(database_.get()); }

void Database::stop_at(std::chrono::steady_clock::time_point deadline) {
  using TimePoint = std::chrono::steady_clock::time_point;
  if (deadline_ == nullptr) deadline_ = std::make_unique<TimePoint>();
  *deadline_ = deadline;
  const auto late = [](void* context) {
    return std::chrono::steady_clock::now() > *static_cast<TimePoint*>(context) ? 1 : 0;
  };
  sqlite3_progress_handler(database_.get(), kStepsPerCheck, late, deadline_.get());
}

}  // namespace albicilla::viewer
