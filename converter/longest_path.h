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

// Answered before unanswered, then longer, then later. nullopt when the file holds no conversation;
// an error says why its record cannot be written. The table must have kept messages.
Result<std::optional<FileRecord>> longest_path(ExchangeTable& table, CallStyle style,
                                               TextRepairs& repairs);

}  // namespace albicilla
