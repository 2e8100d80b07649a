#include "sink/log/checkpoint_thread.h"

#include "common/base/log.h"
#include "sink/log/commit_log.h"

namespace albicilla {

CheckpointThread::CheckpointThread(Checkpoints& checkpoints, const Clock& clock,
                                   SinkCounters& counters, Wakeup& wakeup)
    : checkpoints_(checkpoints),
      clock_(clock),
      counters_(counters),
      wakeup_(wakeup),
      thread_([this] { run(); }) {}

CheckpointThread::~CheckpointThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CheckpointThread::begin(StateSnapshot snapshot) {
  {
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(snapshot);
  }
  changed_.notify_all();
}

bool CheckpointThread::idle() const {
  const std::lock_guard lock(mutex_);
  return !waiting_ && !busy_;
}

std::optional<Error> CheckpointThread::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void CheckpointThread::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_ && !busy_; });
}

void CheckpointThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || waiting_; });
    if (!waiting_) return;
    StateSnapshot snapshot = std::move(*waiting_);
    waiting_.reset();
    busy_ = true;
    lock.unlock();
    const SteadyTime begun = clock_.steady();
    const Status written = checkpoints_.write(std::move(snapshot));
    const auto took = std::chrono::duration_cast<Microseconds>(clock_.steady() - begun);
    counters_.checkpoint_microseconds += static_cast<std::uint64_t>(took.count());
    if (written) {
      ++counters_.checkpoints;
    } else {
      log_error("checkpoint not written", {{"reason", written.error().message}});
    }
    lock.lock();
    busy_ = false;
    if (!written && !is_no_room(written.error()) && !failure_) failure_ = written.error();
    changed_.notify_all();
    wakeup_.signal();
  }
}

}  // namespace albicilla
