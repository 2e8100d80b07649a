#include "converter/viewer/word_segment.h"

#include <algorithm>

#include "converter/viewer/varint.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kHeaderBytes = 4;  // where the first message and the footer begin
constexpr char kWholeWord = '0';         // before every word; other letters are of prefix indexes
// Lists over fewer pages are read as they are.
constexpr std::size_t kLongList = 4;

std::int64_t row_id(std::uint32_t segment, bool of_list, std::uint32_t page) {
  return (std::int64_t{segment} << 37) + (std::int64_t{of_list ? 1 : 0} << 36) + page;
}

void set_number(std::string& page, std::size_t at, std::size_t number) {
  page[at] = static_cast<char>(number >> 8);
  page[at + 1] = static_cast<char>(number & 0xff);
}

std::size_t shared_bytes(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t shared = 0;
  while (shared < most && a[shared] == b[shared]) ++shared;
  return shared;
}

}  // namespace

WordSegment::WordSegment(std::uint32_t id, std::size_t page_bytes, std::int64_t first_message)
    : id_(id),
      page_bytes_(page_bytes),
      first_message_(static_cast<std::uint64_t>(first_message)),
      page_(kHeaderBytes, '\0') {}

void WordSegment::add(std::string_view word, std::span<const std::uint32_t> messages) {
  term_ = kWholeWord;
  term_ += word;
  begin_word();
  list_.clear();
  std::uint64_t before = 0;
  for (const std::uint32_t message : messages) {
    put_varint(list_, first_message_ + message - before);
    before = first_message_ + message;
  }
  if (page_.size() + footer_.size() + list_.size() + 1 <= page_bytes_) {
    page_ += list_;
  } else {
    spill(messages);
  }
}

void WordSegment::begin_word() {
  if (full(term_.size() + 2) && page_.size() > kHeaderBytes) end_page();
  put_varint(footer_, page_.size() - last_word_at_);
  last_word_at_ = page_.size();
  std::size_t shared = shared_bytes(last_term_, term_);
  if (page_has_word_) {
    put_varint(page_, shared);
  } else {
    if (page_number_ != 1) begin_branch(std::string_view(term_).substr(0, shared + 1));
    shared = 0;
  }
  put_varint(page_, term_.size() - shared);
  page_.append(term_, shared);
  last_term_ = term_;
  page_has_word_ = true;
  page_is_fresh_ = false;
  list_begins_ = page_number_;
}

// Over as many pages as it takes.
void WordSegment::spill(std::span<const std::uint32_t> messages) {
  std::uint64_t before = 0;
  for (const std::uint32_t message : messages) {
    const std::uint64_t id = first_message_ + message;
    if (page_is_fresh_) {
      set_number(page_, 0, page_.size());
      put_varint(page_, id);
      note_page_of_list(id);
      page_is_fresh_ = false;
    } else {
      put_varint(page_, id - before);
    }
    before = id;
    if (full(0)) end_page();
  }
}

void WordSegment::note_page_of_list(std::uint64_t message) {
  if (list_pages_.empty()) {
    list_pages_ += '\0';  // a leaf that is the root, too
    put_varint(list_pages_, page_number_);
    put_varint(list_pages_, message);
  } else {
    put_varint(list_pages_, message - last_first_);
  }
  last_first_ = message;
}

void WordSegment::end_page() {
  set_number(page_, 2, page_.size());
  if (page_has_word_) {
    page_ += footer_;
  } else {
    ++pages_without_word_;
  }
  rows_.data.emplace_back(row_id(id_, false, page_number_), page_);
  page_.assign(kHeaderBytes, '\0');
  footer_.clear();
  last_word_at_ = 0;
  ++page_number_;
  page_has_word_ = false;
  page_is_fresh_ = true;
}

// The page begins with a word: whatever is not less than `separator` stands here or behind.
void WordSegment::begin_branch(std::string_view separator) {
  end_branch();
  branch_term_ = separator;
  branch_page_ = page_number_;
}

void WordSegment::end_branch() {
  // A list whose pages fill a page of their own is found by reading on.
  const bool noted = pages_without_word_ >= kLongList && list_pages_.size() < page_bytes_;
  if (noted) rows_.data.emplace_back(row_id(id_, true, list_begins_), list_pages_);
  list_pages_.clear();
  pages_without_word_ = 0;
  rows_.index.emplace_back(branch_term_, std::int64_t{branch_page_} << 1 | (noted ? 1 : 0));
}

SegmentRows WordSegment::finish() {
  if (page_.size() > kHeaderBytes) end_page();
  rows_.pages = page_number_ - 1;
  if (rows_.pages > 0) end_branch();
  return std::move(rows_);
}

}  // namespace albicilla::viewer
