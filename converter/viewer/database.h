// SQLite behind two values: a connection and a prepared statement. The only place that knows the
// library. Errors name the statement, never its values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace albicilla::viewer {

// Belongs to one thread, and must not outlive its Database.
class Statement {
 public:
  Statement() = default;

  // Parameters count from 1. Bound text is copied, except by bind_view: those bytes must stay until
  // the statement is reset or bound anew.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::optional<std::int64_t> value);
  Statement& bind_view(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);  // as bind_view
  Statement& bind_null(int index);

  // True when a row is there, false at the end.
  Result<bool> step();
  // Runs to the end and makes ready for the next values.
  Status run();
  void reset();

  // Columns count from 0; views are valid until the next step or reset.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;
  int columns() const;
  std::optional<std::int64_t> optional_integer(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Error failure(const char* what) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Belongs to one thread. Knows the tokenizer `words` (words.h) for FTS5 tables.
class Database {
 public:
  enum class Mode { read, write };

  static Result<Database> open(const std::filesystem::path& path, Mode mode);

  // One or more statements without parameters or rows.
  Status run(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  std::int64_t last_row() const;
  // Rows changed by the last statement.
  std::int64_t changes() const;

  // Statements that still run at that time fail: no question may hold a thread for ever.
  void stop_at(std::chrono::steady_clock::time_point deadline);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  Status add_word_tokenizer();

  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace albicilla::viewer
