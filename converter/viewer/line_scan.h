// Takes a line apart for the index: its facts, the messages that are new, the hash chain of its
// history. All the work that needs no database, so that it runs beside the writing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "converter/viewer/batch.h"
#include "converter/viewer/keyed_hash.h"
#include "converter/viewer/seen_messages.h"

namespace albicilla::viewer {

// One thread.
class LineScan {
 public:
  explicit LineScan(HashKey key);

  // `offset` is the line's place in its file. What is marked as delivered counts for `day` only.
  // The words of new messages are added to `words`.
  Result<LineEntry> scan(std::string_view line, std::uint64_t offset, std::string_view day,
                         SaidWords& words);

  // After a batch that could not be written.
  void forget() { seen_.forget(); }

 private:
  struct Told {
    std::uint64_t words = 0;
    bool spoken = false;
    std::optional<std::string> spoken_text;  // what it says, when it was read just now
  };
  Told take(const RawMessage& message, std::uint64_t session, bool answered, LineEntry& entry,
            SaidWords& words);

  HashKey key_;
  SeenMessages seen_;
  std::uint64_t day_hash_ = 0;
  std::string_view line_;
  std::uint64_t line_offset_ = 0;
};

}  // namespace albicilla::viewer
