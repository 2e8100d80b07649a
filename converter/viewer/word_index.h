// Collects which message says which word and writes it into the FTS5 table `words`, one segment at
// a time. FTS5 itself looks every word of every message up in a large table of pending words, a
// cache miss or three each time; here they are numbers, sorted once a segment. Searching, and
// merging segments, is FTS5's own.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/database.h"
#include "converter/viewer/said_words.h"
#include "converter/viewer/segment_list.h"

namespace albicilla::viewer {

// One thread. Must not outlive the database. Nothing else may write `words` through the same
// connection: FTS5 would keep its own idea of which segments there are.
class WordIndex {
 public:
  WordIndex();

  Status prepare(Database& database);

  // The words of the messages that come next; must stay until the next call.
  void begin_batch(const SaidWords& said);
  // Messages ascend.
  Status add(std::int64_t message, WordSpan said);
  // Writes what is pending, inside the transaction that is open.
  Status write();

  // There are so many segments that some should become one: merge_words.
  bool wants_merge() const { return wants_merge_; }

 private:
  struct Saying {
    std::uint32_t word = 0;
    std::uint32_t message = 0;  // behind first_message_
  };

  Status write_rows(std::uint32_t id);
  // The messages of all words, word after word; ends[w] is where those of word w end.
  std::vector<std::uint32_t> sort_messages(std::vector<std::uint32_t>& ends) const;

  Statement select_list_, replace_data_, insert_index_;
  const SaidWords* said_ = nullptr;
  std::vector<std::uint32_t> numbers_;  // the batch's numbers -> those of table_
  WordTable table_;
  std::vector<Saying> sayings_;
  std::int64_t first_message_ = 0;
  std::uint32_t pages_ = 0;
  bool wants_merge_ = false;
};

// A bounded step of merging, in a transaction of its own through a connection of its own.
Status merge_words(const std::filesystem::path& database);

}  // namespace albicilla::viewer
