// Lays words and the messages that say them out as one segment of an FTS5 index with `detail=none`,
// as FTS5 itself would: leaf pages of sorted words with their messages, a row for every page that
// begins with another word, and for long lists the first message of each page. Pure; the format is
// that of SQLite's fts5_index.c, which every version since 3.9 reads and writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace albicilla::viewer {

// What a segment adds to the tables of FTS5.
struct SegmentRows {
  std::vector<std::pair<std::int64_t, std::string>> data;   // words_data: id, block
  std::vector<std::pair<std::string, std::int64_t>> index;  // words_idx: term, pgno
  std::uint32_t pages = 0;
};

class WordSegment {
 public:
  // `page_bytes` is the table's `pgsz`; messages are counted from `first_message` on.
  WordSegment(std::uint32_t id, std::size_t page_bytes, std::int64_t first_message);

  // Words come in the order of their bytes, each once; its messages ascend, each once, at least
  // one.
  void add(std::string_view word, std::span<const std::uint32_t> messages);
  SegmentRows finish();

 private:
  void begin_word();
  void spill(std::span<const std::uint32_t> messages);
  void end_page();
  void begin_branch(std::string_view separator);
  void end_branch();
  void note_page_of_list(std::uint64_t message);
  bool full(std::size_t more) const { return page_.size() + footer_.size() + more >= page_bytes_; }

  std::uint32_t id_;
  std::size_t page_bytes_;
  std::uint64_t first_message_;
  SegmentRows rows_;

  std::string page_;
  std::string footer_;  // where the page's words begin
  std::uint32_t page_number_ = 1;
  std::size_t last_word_at_ = 0;  // in the page
  bool page_has_word_ = false;
  bool page_is_fresh_ = true;  // neither word nor message yet
  std::string term_;
  std::string last_term_;
  std::string list_;

  std::string branch_term_;
  std::uint32_t branch_page_ = 1;
  std::size_t pages_without_word_ = 0;  // since branch_page_
  std::string list_pages_;              // first messages of the pages of a list that goes on
  std::uint64_t last_first_ = 0;
  std::uint32_t list_begins_ = 1;  // the page with the list's word
};

}  // namespace albicilla::viewer
