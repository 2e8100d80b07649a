#include "sink/log/commit_thread.h"

#include "common/base/log.h"

namespace albicilla {

namespace {

constexpr std::chrono::milliseconds kAskAgain{250};

}  // namespace

CommitThread::CommitThread(CommitLog log, LogWriter& writer, CheckpointThread& checkpoints,
                           SinkCounters& counters, Wakeup& wakeup)
    : log_(std::move(log)),
      writer_(writer),
      checkpoints_(checkpoints),
      counters_(counters),
      wakeup_(wakeup),
      thread_([this] { run(); }) {}

CommitThread::~CommitThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CommitThread::hand_over(CommitJob job) {
  {
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(job);
    report_.idle = false;
  }
  changed_.notify_all();
}

CommitThread::Report CommitThread::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void CommitThread::run() {
  while (true) {
    CommitJob job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || waiting_; });
      if (!waiting_) return;
      job = std::move(*waiting_);
      waiting_.reset();
    }
    do_job(job);
  }
}

void CommitThread::do_job(CommitJob& job) {
  Status status;
  bool going = until_room(status, [&] { return log_.ensure_room(job.group.size()); });
  if (going && status) status = commit(job);
  if (going && status) {
    change([](Report& report) { ++report.synced_jobs; });
    going = until_room(status, [&] { return write_lines(job); });
  }
  if (going && status && job.checkpoint) {
    job.checkpoint->snapshot.position = log_.end();
    job.checkpoint->snapshot.next_group = log_.next_group();
    if (const LayoutWriter* layouts = writer_.layouts(); layouts && job.checkpoint->write) {
      job.checkpoint->snapshot.layouts = layouts->state();
      job.checkpoint->snapshot.layout_directories = layouts->directories();
    }
    if (job.checkpoint->write) log_.roll();
    checkpoints_.begin(std::move(*job.checkpoint));
  }
  change([&](Report& report) {
    report.idle = going && status.ok();
    if (!status && going) report.failure = status.error();
  });
}

Status CommitThread::commit(CommitJob& job) {
  const auto appended = log_.append(job.group);
  if (!appended) return appended.error();
  if (job.only_marks) return {};
  const SystemClock clock;
  const SteadyTime begun = clock.steady();
  const Status synced = log_.sync();
  const auto took = std::chrono::duration_cast<Microseconds>(clock.steady() - begun);
  counters_.sync_microseconds += static_cast<std::uint64_t>(took.count());
  ++counters_.groups;
  counters_.group_bytes += job.group.size();
  return synced;
}

Status CommitThread::write_lines(const CommitJob& job) {
  const Status written = writer_.write_group(std::string_view(job.group).substr(kGroupHeaderBytes));
  counters_.open_files = writer_.open_files();
  LayoutWriter* const layouts = writer_.layouts();
  if (!written || layouts == nullptr) return written;
  return layouts->write_group(std::string_view(job.group).substr(kGroupHeaderBytes), log_.end());
}

template <class Call>
bool CommitThread::until_room(Status& status, Call call) {
  while (true) {
    status = call();
    if (status || !is_no_room(status.error())) break;
    if (!report().no_room) {
      log_error("no room, not accepting until there is", {{"reason", status.error().message}});
      change([](Report& report) { report.no_room = true; });
    }
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kAskAgain, [this] { return stopping_; })) continue;
    lock.unlock();
    // Room may have come since: once more before the end. What stays is written by the next start.
    status = call();
    if (!status && is_no_room(status.error())) return false;
    break;
  }
  if (report().no_room) {
    log_info("room again, accepting");
    change([](Report& report) { report.no_room = false; });
  }
  return true;
}

void CommitThread::change(const std::function<void(Report&)>& change) {
  {
    const std::lock_guard lock(mutex_);
    change(report_);
  }
  wakeup_.signal();
}

}  // namespace albicilla
