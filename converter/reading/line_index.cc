#include "converter/reading/line_index.h"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <utility>

#include "converter/reading/temporary_file.h"

namespace albicilla {

namespace {

std::string_view bytes_of(std::span<const LineRef> lines) {
  return {reinterpret_cast<const char*>(lines.data()), lines.size_bytes()};
}

void close_file(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

}  // namespace

LineIndex::LineIndex(std::filesystem::path folder, std::size_t most_in_memory)
    : folder_(std::move(folder)), most_in_memory_(most_in_memory) {}

LineIndex::~LineIndex() { clear(); }

void LineIndex::clear() {
  known_.clear();
  sessions_ = 0;
  lines_.clear();
  at_ = 0;
  spilled_ = 0;
  close_file(fd_);
  for (int& bucket : buckets_) close_file(bucket);
  buckets_.clear();
  next_bucket_ = 0;
}

Status LineIndex::add(std::string_view session, LineRef line) {
  const Hash128 hash = hash_bytes(session);
  line.session = known_.find(hash);
  if (line.session == HashIndex::kNone) {
    line.session = sessions_++;
    known_.put(hash, line.session);
  }
  lines_.push_back(line);
  return lines_.size() < most_in_memory_ ? Status{} : spill();
}

Status LineIndex::spill() {
  if (fd_ < 0) {
    auto fd = open_temporary_file(folder_);
    if (!fd) return fd.error();
    fd_ = *fd;
  }
  if (auto status = write_all(fd_, spilled_ * sizeof(LineRef), bytes_of(lines_)); !status) {
    return status;
  }
  spilled_ += lines_.size();
  lines_.clear();
  return {};
}

// Each bucket gets a range of sessions and their lines in the order in which they were added.
Status LineIndex::distribute() {
  const std::size_t count = (spilled_ + most_in_memory_ / 2 - 1) / (most_in_memory_ / 2);
  const std::size_t piece = std::max<std::size_t>(most_in_memory_ / (2 * count), 1);
  std::vector<std::vector<LineRef>> waiting(count);
  std::vector<std::uint64_t> sizes(count, 0);
  buckets_.assign(count, -1);
  for (int& bucket : buckets_) {
    auto fd = open_temporary_file(folder_);
    if (!fd) return fd.error();
    bucket = *fd;
  }
  const auto flush = [&](std::size_t bucket) -> Status {
    auto status = write_all(buckets_[bucket], sizes[bucket], bytes_of(waiting[bucket]));
    sizes[bucket] += waiting[bucket].size() * sizeof(LineRef);
    waiting[bucket].clear();
    return status;
  };
  std::vector<LineRef> read(std::min<std::uint64_t>(spilled_, most_in_memory_ / 2));
  for (std::uint64_t done = 0; done < spilled_; done += read.size()) {
    read.resize(std::min<std::uint64_t>(read.size(), spilled_ - done));
    const std::span into(reinterpret_cast<char*>(read.data()), read.size() * sizeof(LineRef));
    if (auto status = read_all(fd_, done * sizeof(LineRef), into); !status) return status;
    for (const LineRef& line : read) {
      const std::size_t bucket = std::size_t{line.session} * count / sessions_;
      waiting[bucket].push_back(line);
      if (waiting[bucket].size() < piece) continue;
      if (auto status = flush(bucket); !status) return status;
    }
  }
  for (std::size_t bucket = 0; bucket < count; ++bucket) {
    if (auto status = flush(bucket); !status) return status;
  }
  close_file(fd_);
  return {};
}

Status LineIndex::finish() {
  known_.clear();
  if (spilled_ > 0) {
    if (auto status = spill(); !status) return status;
    return distribute();
  }
  const auto earlier = [](const LineRef& a, const LineRef& b) { return a.session < b.session; };
  if (!std::is_sorted(lines_.begin(), lines_.end(), earlier)) {
    std::stable_sort(lines_.begin(), lines_.end(), earlier);
  }
  return {};
}

Status LineIndex::load(std::size_t bucket) {
  const off_t size = ::lseek(buckets_[bucket], 0, SEEK_END);
  lines_.resize(static_cast<std::size_t>(size) / sizeof(LineRef));
  at_ = 0;
  const std::span into(reinterpret_cast<char*>(lines_.data()), lines_.size() * sizeof(LineRef));
  auto status = read_all(buckets_[bucket], 0, into);
  close_file(buckets_[bucket]);
  std::stable_sort(lines_.begin(), lines_.end(),
                   [](const LineRef& a, const LineRef& b) { return a.session < b.session; });
  return status;
}

Result<bool> LineIndex::next(std::vector<LineRef>& lines) {
  lines.clear();
  while (at_ == lines_.size() && next_bucket_ < buckets_.size()) {
    if (auto status = load(next_bucket_++); !status) return status.error();
  }
  if (at_ == lines_.size()) return false;
  const std::uint32_t session = lines_[at_].session;
  while (at_ < lines_.size() && lines_[at_].session == session) lines.push_back(lines_[at_++]);
  return true;
}

}  // namespace albicilla
