#include "converter/viewer/word_index.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>

#include "common/base/id128.h"
#include "converter/viewer/day_schema.h"
#include "converter/viewer/word_segment.h"

namespace albicilla::viewer {
namespace {

// A segment holds what fits here: 8 MB, and as much again by half while it is sorted. What is left
// at the end of a pass is sorted while nothing is read, so it should not be much.
constexpr std::size_t kMostSayings = std::size_t{1} << 20;
constexpr std::size_t kMostWordLetters = std::size_t{8} << 20;
constexpr std::uint32_t kNoNumber = UINT32_MAX;
constexpr int kListRow = 10;  // of words_data

HashKey random_key() {
  HashKey key;
  const auto random = random_bytes16();
  static_assert(sizeof key == sizeof random);
  std::memcpy(&key, random.data(), sizeof key);
  return key;
}

}  // namespace

WordIndex::WordIndex() : table_(random_key()) {}

Status WordIndex::prepare(Database& database) {
  const std::pair<Statement*, const char*> wanted[] = {
      {&select_list_, "SELECT block FROM words_data WHERE id=?"},
      {&replace_data_, "REPLACE INTO words_data(id, block) VALUES(?, ?)"},
      {&insert_index_, "INSERT INTO words_idx(segid, term, pgno) VALUES(?, ?, ?)"}};
  for (const auto& [statement, sql] : wanted) {
    auto prepared = database.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return {};
}

void WordIndex::begin_batch(const SaidWords& said) {
  said_ = &said;
  numbers_.assign(said.table().size(), kNoNumber);
}

Status WordIndex::add(std::int64_t message, WordSpan said) {
  const bool far = message - first_message_ > INT32_MAX;
  if (sayings_.size() + said.count > kMostSayings || table_.bytes() > kMostWordLetters || far) {
    if (Status status = write(); !status) return status;
  }
  if (sayings_.empty()) first_message_ = message;
  const auto behind = static_cast<std::uint32_t>(message - first_message_);
  for (const std::uint32_t word : said_->of(said)) {
    std::uint32_t& number = numbers_[word];
    if (number == kNoNumber) number = table_.number(said_->table().word(word));
    sayings_.push_back({number, behind});
  }
  return {};
}

std::vector<std::uint32_t> WordIndex::sort_messages(std::vector<std::uint32_t>& ends) const {
  ends.assign(table_.size(), 0);
  for (const Saying& saying : sayings_) ++ends[saying.word];
  std::exclusive_scan(ends.begin(), ends.end(), ends.begin(), std::uint32_t{0});
  std::vector<std::uint32_t> messages(sayings_.size());
  for (const Saying& saying : sayings_) messages[ends[saying.word]++] = saying.message;
  return messages;
}

Status WordIndex::write() {
  wants_merge_ = false;
  if (sayings_.empty()) return {};
  auto row = select_list_.bind(1, std::int64_t{kListRow}).step();
  if (!row) return row.error();
  auto list = SegmentList::parse(*row ? select_list_.blob(0) : std::string_view());
  select_list_.reset();
  if (!list) return list.error();
  const auto id = list->free_id();
  if (!id) return id.error();
  if (Status status = write_rows(*id); !status) return status;
  list->add(*id, pages_);
  wants_merge_ = list->wants_merge(kMostWordSegments);
  const std::string record = list->record();
  return replace_data_.bind(1, std::int64_t{kListRow}).bind_blob(2, record).run();
}

Status WordIndex::write_rows(std::uint32_t id) {
  std::vector<std::uint32_t> ends;
  const std::vector<std::uint32_t> messages = sort_messages(ends);
  std::vector<std::uint32_t> order(table_.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return table_.word(a) < table_.word(b); });
  WordSegment segment(id, kWordPageBytes, first_message_);
  for (const std::uint32_t word : order) {
    const std::size_t begin = word == 0 ? 0 : ends[word - 1];
    segment.add(table_.word(word), std::span(messages).subspan(begin, ends[word] - begin));
  }
  sayings_.clear();
  table_.clear();
  std::fill(numbers_.begin(), numbers_.end(), kNoNumber);
  const SegmentRows rows = segment.finish();
  pages_ = rows.pages;
  for (const auto& [key, block] : rows.data) {
    if (Status status = replace_data_.bind(1, key).bind_blob(2, block).run(); !status) {
      return status;
    }
  }
  for (const auto& [term, page] : rows.index) {
    insert_index_.bind(1, std::int64_t{id}).bind_blob(2, term).bind(3, page);
    if (Status status = insert_index_.run(); !status) return status;
  }
  return {};
}

Status merge_words(const std::filesystem::path& path) {
  auto database = Database::open(path, Database::Mode::write);
  if (!database) return database.error();
  return database->run(
      "PRAGMA synchronous=OFF; INSERT INTO words(words, rank) VALUES('merge', 256)");
}

}  // namespace albicilla::viewer
