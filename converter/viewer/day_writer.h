// Writes batches into the database of one day, in large transactions. The only writer of it.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/batch.h"
#include "converter/viewer/database.h"
#include "converter/viewer/day_rows.h"
#include "converter/viewer/session_row.h"
#include "converter/viewer/word_index.h"

namespace albicilla::viewer {

// An exchange that was just written, for those who watch.
struct FreshExchange {
  std::string file;
  LineEntry entry;
  Edge edge = Edge::start;
};

// Belongs to the writing thread. After an error the open transaction is gone; close and open anew.
class DayWriter {
 public:
  static Result<std::unique_ptr<DayWriter>> open(const std::filesystem::path& index_dir,
                                                 const std::string& day, const std::string& boot);

  ~DayWriter();

  // How far a file was read, for all files of the day or for one.
  Result<std::vector<FileProgress>> files();
  Result<std::optional<FileProgress>> file(std::string_view name);

  // Takes the batch's lines; the last of them are moved to `fresh`, at most `most_fresh`.
  Status write(Batch& batch, std::vector<FreshExchange>& fresh, std::size_t most_fresh);
  Status commit();
  // Makes every order of the list of sessions quick. Once, behind a pass: sorting what is there
  // costs less than keeping order while it comes.
  Status add_orders();
  // Commits and marks the database as whole.
  Status close();

  const std::string& day() const { return day_; }

 private:
  struct Statements;
  DayWriter(Database database, std::filesystem::path path, std::string day, std::string boot);
  Status prepare();
  Status begin();
  Status load_counters();
  Status write_file(FileProgress& file);
  Status write_line(const LineEntry& entry, std::int64_t file, Edge& edge);
  Status enter_session(const std::string& name);
  Status leave_session();
  Result<Link> find_link(const LineEntry& entry);
  Result<std::optional<std::int64_t>> find_by_prefix(const LineEntry& entry, bool& whole);
  Result<bool> is_continued(std::int64_t exchange);
  Status write_gap(const GapEntry& entry, std::int64_t file);
  Status write_messages(const LineEntry& entry, std::int64_t exchange);
  Status add_message(const MessageEntry& message, std::int64_t exchange);
  Status add_place(const MessageEntry& message, std::int64_t exchange);
  void count(const LineEntry& entry);
  Status write_counts();

  struct Minute {
    std::int64_t exchanges = 0;
    std::int64_t failed = 0;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
  };

  Database database_;
  std::unique_ptr<Statements> statements_;
  WordIndex words_;
  std::filesystem::path path_;
  std::string day_;
  std::string boot_;
  bool marked_ = false;  // the database says that it is being written
  bool in_transaction_ = false;
  bool ordered_ = false;  // add_orders() is done
  std::int64_t last_file_ = 0;
  std::int64_t last_session_ = 0;
  std::string newest_file_;  // the one with the id last_file_
  SessionRow session_;
  bool in_session_ = false;
  // Of the session's exchanges that were just written, by their whole history; and which of them
  // were continued. Saves asking the database, which knows all of them.
  std::unordered_map<std::int64_t, std::int64_t> tails_;
  std::unordered_set<std::int64_t> continued_;
  std::int64_t known_before_ = 0;  // exchanges of the session that only the database knows
  std::map<std::int64_t, Minute> minutes_;
  // By kind, in the order of kFacets; looked up without a copy.
  std::array<std::map<std::string, std::int64_t, std::less<>>, 5> facets_;
};

}  // namespace albicilla::viewer
