// The compatibility format's choice: of all exchanges in a log file the one that stands for it, and
// its record.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"
#include "converter/format/albicilla.h"
#include "converter/reading/conversation_tree.h"
#include "converter/reading/log_reader.h"

namespace albicilla {

struct FileRecord {
  std::string text;
  LineOrigin origin;
};

// An exchange that may stand for its file.
struct PathCandidate {
  bool answered = false;
  std::uint32_t length = 0;
  WallTime started_at;
  LineOrigin origin;
  std::uint32_t exchange = 0;  // in its table
  // Of a dialect other than chat completions: where its conversation ends.
  std::uint32_t session = 0;
  TreeNodeId node = kNone;

  // Answered before unanswered, then longer, then later.
  bool is_before(const PathCandidate& other) const;
};

// The best of a table's exchanges; nullopt when it holds no conversation.
Result<std::optional<PathCandidate>> longest_path(ExchangeTable& table);

// An error says why the record cannot be written. The table must be the candidate's and must have
// kept messages.
Result<FileRecord> path_record(ExchangeTable& table, const PathCandidate& candidate,
                               CallStyle style, TextRepairs& repairs);

}  // namespace albicilla
