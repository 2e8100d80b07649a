#include "sink/log/line_chains.h"

#include <utility>

#include "common/base/digest_batch.h"

namespace albicilla {

namespace {

// Enough to fill the lanes of a vector register several times, and not more than a cache holds.
constexpr std::size_t kEnoughLines = 64;
constexpr std::size_t kEnoughBytes = std::size_t{512} << 10;

}  // namespace

void LineChains::add(const Line& line, const std::string& group) {
  Waiting waiting;
  waiting.at = group.size() - line.bytes;
  waiting.bytes = line.bytes;
  waiting.chained_bytes = line.chained_bytes;
  waiting.before = line.before.h;
  waiting_.push_back(waiting);
  bytes_ += line.bytes;
  const std::size_t number = waiting_.size();
  const auto found = last_of_file_.find(line.file);
  if (found == last_of_file_.end()) {
    last_of_file_.emplace(line.file, number);
  } else {
    waiting_.back().previous = std::exchange(found->second, number);
  }
}

bool LineChains::enough() const {
  return waiting_.size() >= kEnoughLines || bytes_ >= kEnoughBytes;
}

void LineChains::settle(std::string& group, FileTable& files) {
  if (waiting_.empty()) return;
  std::vector<std::string_view> lines;
  lines.reserve(waiting_.size());
  for (const Waiting& one : waiting_) {
    lines.push_back(std::string_view(group).substr(one.at, one.chained_bytes));
  }
  std::vector<Digest> digests(lines.size());
  sha256_each(lines, digests);
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const Waiting& one = waiting_[i];
    const Digest& before = one.previous == 0 ? one.before : digests[one.previous - 1];
    digests[i] = chain_next({0, before}, digests[i]).h;  // from here on the line's own hash
    put_chain_hash(group, one.at + one.bytes - 1, digests[i]);
  }
  for (const auto& [file, number] : last_of_file_) files.set_hash(file, digests[number - 1]);
  waiting_.clear();
  last_of_file_.clear();
  bytes_ = 0;
}

}  // namespace albicilla
