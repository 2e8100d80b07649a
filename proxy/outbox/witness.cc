#include "proxy/outbox/witness.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "common/base/digest.h"
#include "common/base/log.h"

namespace albicilla {

namespace {

constexpr std::size_t kNumberDigits = 20;
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kRowBytes = kNumberDigits + 1 + kHashDigits + 1;
constexpr std::uint64_t kMostRows = 1000;

std::string row_of(const SeenCheckpoint& checkpoint) {
  std::string number = std::to_string(checkpoint.number);
  number.insert(0, kNumberDigits - number.size(), '0');
  return number + " " + hex_prefix(checkpoint.hash, kHashDigits) + "\n";
}

}  // namespace

std::string Witness::path_of(const SinkId& sink) const {
  return directory_ + "/witness-" + hex_text(sink.bytes);
}

Result<Witness::Book> Witness::open(const SinkId& sink) const {
  auto file = files_.open_write(path_of(sink));
  if (!file) return file.error();
  Book book;
  book.file = std::move(*file);
  std::string rows(kMostRows * kRowBytes, '\0');
  const auto bytes = book.file->read_at(0, rows);
  if (!bytes) return bytes.error();
  for (std::uint64_t row = 0; (row + 1) * kRowBytes <= *bytes; ++row) {
    const char* const start = rows.data() + row * kRowBytes;
    std::uint64_t number = 0;
    std::from_chars(start, start + kNumberDigits, number);
    if (number < book.newest) continue;
    book.newest = number;
    book.next_row = (row + 1) % kMostRows;
  }
  return book;
}

void Witness::note(const SinkId& sink, const SeenCheckpoint& checkpoint) {
  auto found = books_.find(sink);
  if (found != books_.end() && checkpoint.number <= found->second.newest) return;
  if (checkpoint.number == 0) return;
  Status kept;
  if (found == books_.end()) {
    auto book = open(sink);
    if (!book) kept = book.error();
    if (book) found = books_.emplace(sink, std::move(*book)).first;
  }
  if (kept && checkpoint.number > found->second.newest) {
    Book& book = found->second;
    kept = book.file->write_at(book.next_row * kRowBytes, row_of(checkpoint));
    book.newest = checkpoint.number;
    if (kept) book.next_row = (book.next_row + 1) % kMostRows;
  }
  if (kept || std::exchange(said_failure_, true)) return;
  log_warning("cannot keep a checkpoint of the sink", {{"cause", kept.error().message}});
}

}  // namespace albicilla
