#include "sink/log/checkpoint_thread.h"

#include "common/base/log.h"
#include "sink/log/commit_log.h"

namespace albicilla {

CheckpointThread::CheckpointThread(Checkpoints& checkpoints, Sealer& sealer, const Clock& clock,
                                   SinkCounters& counters, Wakeup& wakeup)
    : checkpoints_(checkpoints),
      sealer_(sealer),
      clock_(clock),
      counters_(counters),
      wakeup_(wakeup) {
  report_.last = sealer.last();
  report_.final_until = sealer.final_until();
  note_signer();
  thread_ = std::thread([this] { run(); });
}

CheckpointThread::~CheckpointThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CheckpointThread::begin(CheckpointWork work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(work);
    report_.idle = false;
  }
  changed_.notify_all();
}

CheckpointThread::Report CheckpointThread::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void CheckpointThread::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return report_.idle; });
}

void CheckpointThread::run() {
  while (true) {
    CheckpointWork work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || waiting_; });
      if (!waiting_) return;
      work = std::move(*waiting_);
      waiting_.reset();
    }
    const SteadyTime begun = clock_.steady();
    const Status done = do_work(work);
    const auto took = std::chrono::duration_cast<Microseconds>(clock_.steady() - begun);
    counters_.checkpoint_microseconds += static_cast<std::uint64_t>(took.count());
    if (!done) log_error("checkpoint not written", {{"reason", done.error().message}});
    {
      const std::lock_guard lock(mutex_);
      report_.idle = true;
      report_.last = sealer_.last();
      if (done) report_.final_until = sealer_.final_until();
      if (done) note_signer();
      const bool is_final = !done && !is_no_room(done.error());
      if (is_final && !report_.failure) report_.failure = done.error();
    }
    changed_.notify_all();
    wakeup_.signal();
  }
}

void CheckpointThread::note_signer() {
  if (!sealer_.key_is_known()) return;
  if (report_.signer && report_.signer->public_key() == sealer_.key().public_key()) return;
  report_.signer = std::make_shared<const SigningKey>(sealer_.key());
}

// Signed first: a restart takes every file in a written checkpoint for one that a manifest names.
Status CheckpointThread::do_work(CheckpointWork& work) {
  work.seal.changed = work.snapshot.changed;
  Status done = sealer_.seal(std::move(work.seal));
  if (done) ++counters_.signed_checkpoints;
  if (!done || !work.write) {
    checkpoints_.keep(work.snapshot.changed);
    return done;
  }
  done = checkpoints_.write(std::move(work.snapshot));
  if (done) ++counters_.checkpoints;
  return done;
}

}  // namespace albicilla
