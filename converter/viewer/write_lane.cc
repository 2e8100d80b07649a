#include "converter/viewer/write_lane.h"

#include <utility>

#include "converter/viewer/live_feed.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kMostWaiting = 3;
// Large commits make few index segments; readers wait no longer for them than for the pass.
constexpr std::uint64_t kCommitBytes = std::uint64_t{192} << 20;

}  // namespace

WriteLane::WriteLane(DayWriter& writer, bool beside, Committed committed)
    : writer_(writer), committed_(std::move(committed)) {
  if (beside) thread_ = std::thread([this] { run(); });
}

WriteLane::~WriteLane() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = dropped_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

Status WriteLane::put(Batch batch) {
  if (!thread_.joinable()) return write(batch);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() < kMostWaiting || !status_; });
  if (!status_) return status_;
  waiting_.push_back(std::move(batch));
  changed_.notify_all();
  return {};
}

void WriteLane::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

Status WriteLane::finish() {
  if (!thread_.joinable()) return complete();
  end();
  thread_.join();
  return status_;
}

void WriteLane::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      if (dropped_) return;
      lock.unlock();
      Status status = complete();
      lock.lock();
      status_ = status;
      return;
    }
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    lock.unlock();
    Status status = write(batch);
    lock.lock();
    if (status) continue;
    status_ = status;
    waiting_.clear();
    changed_.notify_all();
    return;
  }
}

Status WriteLane::write(Batch& batch) {
  if (Status status = writer_.write(batch, fresh_, LiveFeed::kMostItems); !status) return status;
  uncommitted_ += batch.raw_bytes;
  return uncommitted_ >= kCommitBytes ? commit() : Status();
}

Status WriteLane::complete() {
  if (Status status = commit(); !status) return status;
  return writer_.add_orders();
}

Status WriteLane::commit() {
  if (Status status = writer_.commit(); !status) return status;
  committed_(std::exchange(fresh_, {}), std::exchange(uncommitted_, 0));
  return {};
}

}  // namespace albicilla::viewer
