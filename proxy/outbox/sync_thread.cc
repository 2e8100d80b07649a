#include "proxy/outbox/sync_thread.h"

#include <utility>

namespace albicilla {

SyncThread::SyncThread() {
  thread_ = std::thread([this] { run(); });
}

SyncThread::~SyncThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SyncThread::begin(AppendFile& file) {
  {
    const std::lock_guard lock(mutex_);
    file_ = &file;
    outcome_.reset();
  }
  changed_.notify_all();
}

std::optional<Status> SyncThread::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return outcome_.has_value(); });
  return std::exchange(outcome_, std::nullopt);
}

void SyncThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || file_ != nullptr; });
    if (file_ == nullptr) return;
    AppendFile& file = *std::exchange(file_, nullptr);
    lock.unlock();
    Status synced = file.sync();
    lock.lock();
    outcome_ = std::move(synced);
    changed_.notify_all();
  }
}

}  // namespace albicilla
