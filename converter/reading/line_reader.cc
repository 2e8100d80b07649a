#include "converter/reading/line_reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "common/base/digest_batch.h"
#include "common/chain/hash_chain.h"

namespace albicilla {

namespace {

// Fits the second-level cache: each byte is walked over soon after it was read.
constexpr std::size_t kFirstBuffer = std::size_t{256} << 10;

}  // namespace

LineReader::LineReader()
    : buffer_(std::make_unique_for_overwrite<char[]>(kFirstBuffer)), size_(kFirstBuffer) {}

void LineReader::open(std::unique_ptr<ByteSource> source, Digests digests) {
  source_ = std::move(source);
  wanted_ = digests;
  digests_.clear();
  next_digest_ = 0;
  from_ = to_ = scanned_ = 0;
  offset_ = number_ = 0;
  ended_ = false;
}

void LineReader::grow() {
  auto larger = std::make_unique_for_overwrite<char[]>(size_ * 2);
  std::memcpy(larger.get(), buffer_.get(), to_);
  buffer_ = std::move(larger);
  size_ *= 2;
}

Status LineReader::fill() {
  if (from_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + from_, to_ - from_);
    to_ -= from_;
    scanned_ -= from_;
    from_ = 0;
  }
  if (to_ == size_) grow();
  auto got = source_->read(std::span(buffer_.get() + to_, size_ - to_));
  if (!got) {
    ended_ = true;
    return got.error();
  }
  ended_ = *got == 0;
  to_ += *got;
  return {};
}

// Of all whole lines that stand in the buffer and were not given out.
void LineReader::hash_lines() {
  chained_.clear();
  next_digest_ = 0;
  std::string_view rest(buffer_.get() + from_, to_ - from_);
  for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos;) {
    const auto split = split_chained_line(rest.substr(0, end));
    chained_.push_back(split ? split->chained : std::string_view());
    rest.remove_prefix(end + 1);
  }
  digests_.resize(chained_.size());
  sha256_each(chained_, digests_);
}

const Digest* LineReader::next_digest() {
  if (next_digest_ == digests_.size()) hash_lines();
  const std::size_t place = next_digest_++;
  return chained_[place].empty() ? nullptr : &digests_[place];
}

Result<std::optional<Line>> LineReader::next() {
  for (;;) {
    const char* const text = buffer_.get() + from_;
    const void* newline = std::memchr(buffer_.get() + scanned_, '\n', to_ - scanned_);
    if (newline != nullptr || (ended_ && to_ > from_)) {
      const bool whole = newline != nullptr;
      const std::size_t length =
          whole ? static_cast<std::size_t>(static_cast<const char*>(newline) - text) : to_ - from_;
      const bool hash = whole && wanted_ == Digests::of_chains;
      const Line line{{text, length}, ++number_, offset_, whole, hash ? next_digest() : nullptr};
      from_ += length + (whole ? 1 : 0);
      scanned_ = from_;
      offset_ += length + (whole ? 1 : 0);
      return std::optional<Line>(line);
    }
    scanned_ = to_;
    if (ended_) return std::optional<Line>();
    if (auto status = fill(); !status) return status.error();
  }
}

}  // namespace albicilla
