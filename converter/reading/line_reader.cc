#include "converter/reading/line_reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "common/base/digest_batch.h"

namespace albicilla {

namespace {

// Fits the second-level cache: each byte is walked over soon after it was read.
constexpr std::size_t kFirstBuffer = std::size_t{96} << 10;
// As many lines as fill the lanes of a hash side by side, whatever their sizes, are worth more than
// that cache, up to here.
constexpr std::size_t kLinesSideBySide = 64;
constexpr std::size_t kMostForDigests = std::size_t{2} << 20;

}  // namespace

ChainHead ChainedDigests::next(const ChainHead& head, const Digest& digest) const {
  if (head.h == link.before && digest == link.chained) return {head.n + 1, linked};
  return chain_next(head, digest);  // a tombstone's digest is that of the line it stands for
}

LineReader::LineReader()
    : buffer_(std::make_unique_for_overwrite<char[]>(kFirstBuffer)), size_(kFirstBuffer) {}

void LineReader::open(std::unique_ptr<ByteSource> source, Digests digests) {
  source_ = std::move(source);
  wanted_ = digests;
  chained_.clear();
  last_claim_ = {};
  found_.clear();
  next_ = 0;
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

// The last lines were fewer than can be hashed side by side.
bool LineReader::few_lines() const {
  return !chained_.empty() && chained_.size() < kLinesSideBySide;
}

// Called when all lines that were found are given out.
Status LineReader::fill() {
  if (from_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + from_, to_ - from_);
    to_ -= from_;
    scanned_ -= from_;
    from_ = 0;
  }
  if (to_ == size_ || (few_lines() && size_ < kMostForDigests)) grow();
  Status status;
  while (status && to_ < size_ && !ended_) {
    const auto got = source_->read(std::span(buffer_.get() + to_, size_ - to_));
    if (!got) status = got.error();
    ended_ = !got || *got == 0;
    to_ += got ? *got : 0;
  }
  find_lines();
  return status;
}

void LineReader::find_lines() {
  found_.clear();
  next_ = 0;
  const char* const begin = buffer_.get();
  const char* const end = begin + to_;
  for (const char* at = begin + scanned_; at < end; ++at) {
    at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (at == nullptr) break;
    found_.push_back({static_cast<std::size_t>(at - begin), kNoChain});
  }
  scanned_ = to_;
  if (wanted_ == Digests::of_chains) hash_lines();
}

// Each line says what the chain is behind it. So that all links can be hashed side by side, each is
// taken to follow from what the line before it says; whoever follows the chain sees whether it
// does.
void LineReader::hash_lines() {
  chained_.clear();
  texts_.clear();
  std::size_t from = from_;
  for (Found& line : found_) {
    auto split = split_chained_line({buffer_.get() + from, line.end - from});
    from = line.end + 1;
    if (!split) continue;
    line.chain = static_cast<std::uint32_t>(chained_.size());
    texts_.push_back(split->chained);
    chained_.push_back({*split, {std::exchange(last_claim_, split->head.h), {}}, {}});
  }
  digests_.resize(texts_.size());
  sha256_each(texts_, digests_);
  texts_.clear();
  for (std::size_t i = 0; i < chained_.size(); ++i) {
    ChainedDigests::Link& link = chained_[i].link;
    link.chained = digests_[i];
    static_assert(sizeof link == 2 * sizeof(Digest));
    texts_.emplace_back(reinterpret_cast<const char*>(&link), sizeof link);
  }
  sha256_each(texts_, digests_);
  for (std::size_t i = 0; i < chained_.size(); ++i) chained_[i].linked = digests_[i];
}

Result<std::optional<Line>> LineReader::next() {
  while (next_ == found_.size() && !ended_) {
    if (auto status = fill(); !status) return status.error();
  }
  const bool whole = next_ < found_.size();
  if (!whole && from_ == to_) return std::optional<Line>();
  Line line;
  line.text = {buffer_.get() + from_, (whole ? found_[next_].end : to_) - from_};
  line.number = ++number_;
  line.offset = offset_;
  line.whole = whole;
  if (whole && found_[next_].chain != kNoChain) line.digests = &chained_[found_[next_].chain];
  next_ += whole ? 1 : 0;
  const std::size_t passed = line.text.size() + (whole ? 1 : 0);
  from_ += passed;
  offset_ += passed;
  return std::optional<Line>(line);
}

}  // namespace albicilla
