// Reads the files of a group line by line into an ExchangeTable. Whatever cannot be used is named
// with file, line and reason; nothing aborts the run.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/exchange_table.h"
#include "converter/reading/line_reader.h"
#include "converter/reading/log_entry.h"
#include "converter/reading/log_files.h"
#include "converter/reading/log_groups.h"

namespace albicilla {

struct Reject {
  std::string file;
  std::uint64_t line = 0;  // 0: the whole file
  std::string reason;
};

// What a group's files held, beside the exchanges.
struct ReadingNotes {
  std::vector<Reject> rejects;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t exchanges = 0;
  std::optional<WallTime> first_timestamp;
  std::uint64_t other_layouts = 0;  // files of the sink's other layouts, skipped
  std::uint64_t erased = 0;         // tombstones stand for them
  std::uint64_t unreadable_files = 0;
  std::set<std::string> poisoned;  // sessions with lines in a file whose chain is broken
};

enum class CheckChain { yes, no };

// Used for group after group; belongs to one thread.
class LogReader {
 public:
  explicit LogReader(CheckChain check) : check_(check) {}

  // An error means that the table cannot go on (a full disk); all else is in `notes`.
  Status read(const std::vector<LogFile>& files, const LogGroup& group, ExchangeTable& table,
              ReadingNotes& notes);

 private:
  Status read_file(const LogFile& file, std::uint32_t number, ExchangeTable& table,
                   ReadingNotes& notes);
  // False when the rest of the file is not ours.
  Result<bool> read_line(const LogFile& file, const LineOrigin& origin, std::string_view line,
                         ExchangeTable& table, ReadingNotes& notes);

  CheckChain check_;
  LineReader lines_;
  EntryReader entries_;
  bool has_entries_ = false;  // of the file that is being read
};

}  // namespace albicilla
