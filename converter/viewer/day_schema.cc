#include "converter/viewer/day_schema.h"

#include <fstream>
#include <optional>
#include <system_error>

#include "common/base/id128.h"
#include "common/base/log.h"

namespace albicilla::viewer {
namespace {

// Numbers in front, long text behind: what the lists filter by is decoded first.
constexpr const char* kTables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE file(
  id INTEGER PRIMARY KEY, name TEXT UNIQUE, sealed INTEGER, inode INTEGER, modified_ns INTEGER,
  offset INTEGER, lines INTEGER, chain INTEGER, chain_n INTEGER, chain_h TEXT,
  broken_line INTEGER, unreadable INTEGER, unreadable_line INTEGER, gaps INTEGER,
  erased INTEGER, fault TEXT);
CREATE TABLE gap(
  exchange INTEGER PRIMARY KEY, at INTEGER, producer TEXT, first INTEGER, last INTEGER,
  exchanges INTEGER, cause TEXT);
CREATE TABLE session(
  id INTEGER PRIMARY KEY, name TEXT UNIQUE, first_at INTEGER, last_at INTEGER,
  exchanges INTEGER, turns INTEGER, failed INTEGER, calls INTEGER, input_tokens INTEGER,
  output_tokens INTEGER, cached_tokens INTEGER, duration_us INTEGER, forks INTEGER,
  retries INTEGER, starts INTEGER, user TEXT, client TEXT, models TEXT, endings TEXT,
  opening TEXT);
CREATE INDEX session_last ON session(last_at, name);
-- id is file * 2^32 + line: where an exchange stands is what it is called.
CREATE TABLE exchange(
  id INTEGER PRIMARY KEY, session INTEGER, closed_at INTEGER, failed INTEGER, status INTEGER,
  input_tokens INTEGER, output_tokens INTEGER, cached_tokens INTEGER, reasoning_tokens INTEGER,
  duration_us INTEGER, first_byte_us INTEGER, started_at INTEGER, streaming INTEGER,
  offset INTEGER, bytes INTEGER, asked INTEGER, tools INTEGER, calls INTEGER, previous INTEGER,
  edge INTEGER, tail INTEGER, model TEXT, user TEXT, client TEXT, dialect TEXT, ending TEXT,
  uuid TEXT, response_id TEXT, method TEXT, path TEXT, upstream TEXT, latest TEXT, error TEXT);
CREATE INDEX exchange_session ON exchange(session, tail);
CREATE INDEX exchange_time ON exchange(closed_at, failed);
CREATE INDEX exchange_previous ON exchange(previous) WHERE previous IS NOT NULL;
CREATE INDEX exchange_uuid ON exchange(uuid) WHERE uuid <> '';
CREATE INDEX exchange_response ON exchange(response_id) WHERE response_id <> '';
-- A message and where it was first seen; `place` has the other sessions that said the same.
CREATE TABLE message(
  id INTEGER PRIMARY KEY, hash INTEGER, role INTEGER, session INTEGER, exchange INTEGER,
  answered INTEGER, offset INTEGER, bytes INTEGER);
CREATE UNIQUE INDEX message_hash ON message(hash);
CREATE TABLE place(
  message INTEGER, session INTEGER, exchange INTEGER, answered INTEGER, offset INTEGER,
  bytes INTEGER, PRIMARY KEY(message, session)) WITHOUT ROWID;
CREATE TABLE facet(kind TEXT, text TEXT, exchanges INTEGER, PRIMARY KEY(kind, text)) WITHOUT ROWID;
CREATE TABLE minute(
  minute INTEGER PRIMARY KEY, exchanges INTEGER, failed INTEGER, input_tokens INTEGER,
  output_tokens INTEGER);
CREATE VIRTUAL TABLE words USING fts5(
  text, content='', columnsize=0, detail=none, tokenize='words');
)sql";

std::string word_settings() {
  return "INSERT INTO words(words, rank) VALUES('pgsz', " + std::to_string(kWordPageBytes) +
         "); INSERT INTO words(words, rank) VALUES('usermerge', " +
         std::to_string(kMostWordSegments) + ");";
}

constexpr const char* kWriterPragmas =
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;";
constexpr const char* kReaderPragmas =
    "PRAGMA query_only=1; PRAGMA cache_size=-4096; PRAGMA mmap_size=1073741824;"
    "PRAGMA temp_store=MEMORY;";

std::string meta_value(Database& database, std::string_view key) {
  auto statement = database.prepare("SELECT value FROM meta WHERE key=?");
  if (!statement) return {};
  const auto row = statement->bind(1, key).step();
  return row && *row ? std::string(statement->text(0)) : std::string();
}

Status set_meta(Database& database, std::string_view key, std::string_view value) {
  auto statement = database.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)");
  if (!statement) return statement.error();
  return statement->bind(1, key).bind(2, value).run();
}

// Is this one ours, of this version and whole?
bool is_usable(Database& database, const std::string& boot) {
  if (meta_value(database, "version") != std::to_string(kSchemaVersion)) return false;
  const std::string writer = meta_value(database, "writer");
  return writer.empty() || writer == boot;
}

std::optional<Database> open_existing(const std::filesystem::path& path, const std::string& boot) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) return std::nullopt;
  auto database = Database::open(path, Database::Mode::write);
  if (!database || !database->run(kWriterPragmas)) return std::nullopt;
  if (!is_usable(*database, boot)) return std::nullopt;
  return std::move(*database);
}

}  // namespace

std::filesystem::path day_path(const std::filesystem::path& index_dir, const std::string& day) {
  return index_dir / (day + ".db");
}

Result<Database> open_day_for_writing(const std::filesystem::path& index_dir,
                                      const std::string& day, const std::string& boot) {
  const std::filesystem::path path = day_path(index_dir, day);
  std::optional<Database> existing = open_existing(path, boot);
  if (existing) return std::move(*existing);
  remove_day(index_dir, day);
  auto database = Database::open(path, Database::Mode::write);
  if (!database) return database.error();
  if (Status status = database->run(kWriterPragmas); !status) return status.error();
  if (Status status = database->run(std::string("BEGIN;") + kTables + word_settings() + "COMMIT;");
      !status) {
    return status.error();
  }
  if (Status status = set_meta(*database, "version", std::to_string(kSchemaVersion)); !status) {
    return status.error();
  }
  return std::move(*database);
}

Status mark_writer(Database& database, const std::string& boot) {
  return set_meta(database, "writer", boot);
}

Status close_day(Database& database) {
  // Synced before the mark goes: only what is on the disk is trusted after a power cut.
  Status status = database.run("PRAGMA synchronous=NORMAL; PRAGMA wal_checkpoint(TRUNCATE);");
  if (!status) return status;
  if (status = set_meta(database, "writer", ""); !status) return status;
  return database.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous=OFF;");
}

Result<Database> open_day_for_reading(const std::filesystem::path& index_dir,
                                      const std::string& day) {
  auto database = Database::open(day_path(index_dir, day), Database::Mode::read);
  if (!database) return database.error();
  if (Status status = database->run(kReaderPragmas); !status) return status.error();
  return database;
}

void remove_day(const std::filesystem::path& index_dir, const std::string& day) {
  const std::filesystem::path path = day_path(index_dir, day);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code none;
    std::filesystem::remove(path.string() + suffix, none);
  }
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  if (file && std::getline(file, id) && !id.empty()) return id;
  return hex_text(random_bytes16());
}

}  // namespace albicilla::viewer
