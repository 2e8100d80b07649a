// Reads the files of a group into an ExchangeTable, session by session, so that memory is bounded
// by the largest session. Sessions that stand one after another, as the sink writes them, are read
// in one walk; where they are mixed a first walk finds each session's lines. Whatever cannot be
// used is named with file, line and reason; nothing aborts the run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/byte_source.h"
#include "converter/reading/chain_check.h"
#include "converter/reading/exchange_table.h"
#include "converter/reading/hash_set.h"
#include "converter/reading/line_files.h"
#include "converter/reading/line_index.h"
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
  LineOrigin first_origin;          // where it stands
  std::uint64_t other_layouts = 0;  // files of the sink's other layouts, skipped
  std::uint64_t erased = 0;         // tombstones stand for them
  std::uint64_t unreadable_files = 0;
  std::set<std::string> poisoned;  // sessions with lines in a file whose chain is broken
};

enum class CheckChain { yes, no };

// How the lines of a group's sessions are taken to stand. Only the first is one walk, and only the
// second always holds.
enum class Sessions { one_after_another, mixed };

// Used for group after group; belongs to one thread.
class LogReader {
 public:
  // `folder` takes temporary files.
  LogReader(CheckChain check, const std::filesystem::path& folder)
      : check_(check), index_(folder), lines_(folder) {}

  // Starts with a group; next() gives its sessions. An error means that reading cannot go on (a
  // full disk); all else is in `notes`.
  Status open(const std::vector<LogFile>& files, const LogGroup& group, ExchangeTable& table,
              ReadingNotes& notes, Sessions sessions = Sessions::mixed);
  // Puts the next session into `table`; of sessions that stand one after another the next few, as
  // long as they are small. False when there is none left. An error as above, or when sessions that
  // were to stand one after another do not.
  Result<bool> next(ExchangeTable& table, ReadingNotes& notes);
  // The reason for next()'s error: what it gave of this group is void, and the group is to be
  // opened again with Sessions::mixed.
  bool found_mixed() const { return found_mixed_; }

  // The lines that next() read last; none for the only session of a group. Not for sessions that
  // are read one after another.
  const std::vector<LineRef>& session_lines() const { return session_lines_; }
  // Reads a session once more.
  Status again(const std::vector<LineRef>& lines, ExchangeTable& table);

 private:
  // What to do with each line of the first walk over the files.
  enum class Pass { read_one_session, list_lines };
  // What became of a line.
  enum class Taken { yes, no_line_of_ours, another_session };

  Status open_mixed(const LogGroup& group, ExchangeTable& table, ReadingNotes& notes);
  // False when a second session came up while reading one.
  Result<bool> walk(const LogGroup& group, Pass pass, ExchangeTable& table, ReadingNotes& notes);
  Result<bool> walk_file(std::uint32_t file, Pass pass, ExchangeTable& table, ReadingNotes& notes);
  Result<Taken> take(const Line& line, std::uint32_t file, Pass pass, ExchangeTable& table,
                     ReadingNotes& notes);
  // The next line of the open file that is neither blank nor a tombstone.
  Result<std::optional<Line>> next_line(ReadingNotes& notes);
  // The same over all files of the group, for sessions one after another.
  Result<std::optional<Line>> next_held(ReadingNotes& notes);
  bool open_file(std::uint32_t file, Result<std::unique_ptr<ByteSource>> source,
                 ReadingNotes& notes);
  Result<bool> next_in_order(ExchangeTable& table, ReadingNotes& notes);
  Result<bool> read_session(ExchangeTable& table, ReadingNotes& notes);
  Result<bool> end_session();
  Status mind_chain(ReadingNotes& notes);
  Status mixed();
  Result<Taken> list(const Line& line, std::uint32_t file, ReadingNotes& notes);
  Result<Taken> read(std::string_view line, const LineOrigin& origin, ExchangeTable& table,
                     ReadingNotes& notes);
  Taken reject(const Error& error, std::string_view line, const LineOrigin& origin,
               ReadingNotes& notes);

  CheckChain check_;
  LineReader reader_;
  EntryReader entries_;
  LineIndex index_;
  LineFiles lines_;
  const std::vector<LogFile>* files_ = nullptr;
  bool has_entries_ = false;  // of the file that is being read
  bool has_session_ = false;
  std::string session_;         // the only one so far
  Hash128 session_hash_;        // of its name
  std::string listed_session_;  // of the line that is being listed
  std::vector<bool> broken_;    // by file: its chain is
  bool one_session_ = false;    // of this group
  bool given_ = false;          // it was given out
  std::vector<LineRef> session_lines_;

  std::uint32_t file_ = 0;           // that is being read
  std::optional<ChainCheck> chain_;  // of that file
  // For sessions that are read one after another.
  Sessions sessions_ = Sessions::mixed;
  bool found_mixed_ = false;
  LogGroup group_;
  std::size_t next_file_ = 0;  // in the group
  std::optional<Line> held_;   // read, but of no session yet that was given out
  bool begun_ = false;         // the reader of entries stands at its request
  HashSet seen_;               // sessions that were given out
  bool session_here_ = false;  // the session has lines in this file
  bool others_here_ = false;   // and sessions that were given out have, too
};

}  // namespace albicilla
