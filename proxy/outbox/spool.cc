#include "proxy/outbox/spool.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/log.h"
#include "proxy/outbox/thread_priority.h"

namespace albicilla {

namespace {

constexpr std::chrono::seconds kSlowDisk{5};
constexpr std::size_t kLeastBatchBytes = std::size_t{64} << 10;

std::int64_t steady_nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace

Spool::Spool(FileSystem& files, Generation& generation, SpoolRoom& room, SpoolPolicy policy,
             SpoolEvents events)
    : generation_(generation),
      room_(room),
      policy_(policy),
      events_(std::move(events)),
      writer_(files, generation, policy.segments),
      last_seq_(generation.facts.sinks.size()) {}

Spool::~Spool() { stop(); }

void Spool::start() {
  (void)try_to_prepare();  // the thread goes on trying and says why
  thread_ = std::thread([this] { run(); });
}

template <class Append>
std::uint64_t Spool::append(Append add) {
  const std::lock_guard lock(mutex_);
  if (pending_.empty()) {
    pending_since_ = steady_nanoseconds();
    if (waiting_since_.load() == 0) waiting_since_ = pending_since_;
  }
  const std::size_t before = pending_.bytes().size();
  add(pending_);
  waiting_bytes_.fetch_add(pending_.bytes().size() - before, std::memory_order_relaxed);
  return ++said_;
}

std::uint64_t Spool::opened(const OpenedFacts& facts) {
  return append([&](Batch& batch) { batch.opened(facts); });
}

std::uint64_t Spool::part(const PartFacts& facts, std::string_view bytes) {
  return append([&](Batch& batch) { batch.part(facts, bytes); });
}

std::uint64_t Spool::answered(const AnsweredFacts& facts) {
  return append([&](Batch& batch) { batch.answered(facts); });
}

Spool::Closed Spool::closed(const ClosedFacts& facts) {
  Closed closed;
  closed.position = append([&](Batch& batch) {
    // Under the lock: the order of the Seqs must be the order in the file.
    closed.seq = Seq{++last_seq_[facts.sink].value};
    batch.closed(facts, closed.seq);
  });
  return closed;
}

std::uint64_t Spool::gap_open(const GapFacts& facts) {
  return append([&](Batch& batch) { batch.gap_open(facts); });
}

std::uint64_t Spool::gap_close(const GapFacts& facts) {
  return append([&](Batch& batch) { batch.gap_close(facts, Seq{++last_seq_[facts.sink].value}); });
}

void Spool::flush() { want(Wanted::now); }

void Spool::flush_soon() { want(Wanted::soon); }

void Spool::want(Wanted wanted) {
  const std::lock_guard lock(mutex_);
  if (wanted <= wanted_) return;
  wanted_ = wanted;
  if (sleeping_ && wanted >= wakes_) {
    sleeping_ = false;  // one wake-up is enough
    wake_.notify_one();
  }
}

Error Spool::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::chrono::nanoseconds Spool::waiting_for() const {
  const std::int64_t since = waiting_since_.load();
  return std::chrono::nanoseconds(since == 0 ? 0 : steady_nanoseconds() - since);
}

bool Spool::accepting() const {
  if (state() != State::working || !reserved_.load(std::memory_order_relaxed)) return false;
  const std::uint64_t used = room_.used_bytes.load(std::memory_order_relaxed) + waiting_bytes();
  if (used + policy_.segments.bytes > room_.limit_bytes)
    return false;  // the last segment is the reserve
  const std::int64_t since = writing_since_.load(std::memory_order_relaxed);
  return since == 0 || steady_nanoseconds() - since < std::chrono::nanoseconds(kSlowDisk).count();
}

void Spool::copy_forward(std::vector<Copy> copies) {
  if (copying_.exchange(true)) return;
  {
    const std::lock_guard lock(mutex_);
    copies_ = std::move(copies);
  }
  flush();
}

void Spool::leave_segment() {
  {
    const std::lock_guard lock(mutex_);
    leave_wanted_ = true;
  }
  flush();
}

void Spool::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void Spool::run() {
  leave_signals_to_the_loop();
  run_promptly();  // whole streams wait when this thread is late
  if (policy_.segments.synced) syncer_.emplace();
  bool working = prepare();
  std::vector<Copy> copies;
  while (working && wait_for_work(copies)) {
    if (!copies.empty()) {
      working = write_copies(std::exchange(copies, {}));
      copying_ = false;
      events_.closed();
    }
    working = working && write_batch() && leave_early();
    events_.written();
  }
  if (state() == State::broken) return;
  note_dropped();
  writer_.finish();
}

// False when there is nothing left to do and the spool is to stop.
bool Spool::wait_for_work(std::vector<Copy>& copies) {
  // Before the lock, for which the event loop would wait; what is said next goes into it.
  writing_.reserve(std::max(usual_bytes_ + usual_bytes_ / 4, kLeastBatchBytes));
  std::unique_lock lock(mutex_);
  sleep(lock);
  wanted_ = Wanted::nothing;
  copies = std::exchange(copies_, {});
  if (stopping_ && pending_.empty() && !has_rest()) return false;
  if (!meanwhile_.empty()) {  // said before all that is pending
    std::swap(meanwhile_, writing_);
    writing_through_ = meanwhile_through_;
    if (!pending_.empty()) wanted_ = Wanted::now;
    return true;
  }
  std::swap(pending_, writing_);
  writing_through_ = said_;
  return true;
}

// A sync has left something to do at once.
bool Spool::has_rest() const { return !meanwhile_.empty() || file_through_ > written_through_; }

// Until somebody waits for what is there, or it is time to write it anyway. The thread keeps the
// time itself: a busy event loop must not let bytes wait that clients have. Within the pause after
// a write nothing else is worth a wake-up, so a steady flow costs one for each write.
void Spool::sleep(std::unique_lock<std::mutex>& lock) {
  while (wanted_ != Wanted::now && !stopping_ && !has_rest()) {
    const auto due = begun_writing_ + policy_.pause;
    const bool paused = std::chrono::steady_clock::now() < due;
    if (!paused && wanted_ == Wanted::soon) break;
    sleeping_ = true;
    wakes_ = paused ? Wanted::now : Wanted::soon;
    if (paused) {
      wake_.wait_until(lock, due);
    } else {
      wake_.wait(lock);
    }
  }
  sleeping_ = false;
  begun_writing_ = std::chrono::steady_clock::now();
}

// What had no room until the end. Its clients were told so or are still waiting, so nothing that
// was promised is lost; but exchanges that leave no trace at all are named by the next start.
void Spool::note_dropped() {
  const std::lock_guard lock(mutex_);
  std::uint64_t dropped = 0;
  for (const Batch* batch : {&writing_, &meanwhile_, &pending_}) {
    for (const BatchEntry& entry : batch->entries()) {
      if (entry.type == EntryType::opened) ++dropped;
    }
  }
  if (writing_.empty() && meanwhile_.empty() && pending_.empty()) return;
  log_error("no room until the end, what waited is dropped",
            {{"exchanges", dropped}, {"bytes", waiting_bytes()}});
  if (dropped > 0) writer_.note_dropped(dropped);
}

// Between batches, so all that was written before is in the index. False: end the thread.
bool Spool::leave_early() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(leave_wanted_, false)) return true;
  }
  Status left = writer_.leave_early();
  if (left) left = writer_.reserve_ahead();
  reserved_ = left.ok();
  account();
  if (left || is_no_room(left.error())) return true;
  change_state(State::broken, &left.error());
  return false;
}

// False when the thread has to end.
bool Spool::write_copies(std::vector<Copy> copies) {
  if (file_through_ > written_through_) {
    if (const Status synced = writer_.sync(); !synced) {
      change_state(State::broken, &synced.error());
      return false;
    }
    written_through_ = file_through_;
  }
  Batch batch;
  std::vector<OpenEntry> from;
  for (const Copy& copy : copies) {
    // All that this thread has written is in the index: what is open there has no `closed` in the
    // file yet, so the copy will stand before it. A copy behind its `closed` would outlive it and
    // look like an exchange that was never closed.
    if (!generation_.index.is_open(copy.entry.id)) continue;
    batch.entry(copy.entry.id, copy.type, copy.payload);
    from.push_back(copy.entry);
  }
  if (batch.empty() || over_limit(batch.bytes().size())) return true;
  const Status moved = writer_.move(batch, from);
  account();
  if (moved) return true;
  log_warning("cannot copy open exchanges", {{"cause", moved.error().message}});
  if (is_no_room(moved.error())) return true;
  change_state(State::broken, &moved.error());
  return false;
}

// False when the thread has to end.
bool Spool::write_batch() {
  const bool has_closed = std::any_of(writing_.entries().begin(), writing_.entries().end(),
                                      [](const BatchEntry& entry) { return closes(entry.type); });
  if (!write_waiting()) return false;
  if (policy_.segments.synced) {
    if (file_through_ > written_through_ && !sync_written()) return false;
  } else {
    written_through_ = file_through_;
  }
  const Status reserved = writer_.reserve_ahead();
  if (!reserved && reserved_) {
    log_warning("no reserve for the spool, new requests are refused",
                {{"cause", reserved.error().message}});
  }
  reserved_ = reserved.ok();
  account();
  if (state() != State::working) change_state(State::working, nullptr);
  if (has_closed || policy_.segments.synced) events_.closed();
  return true;
}

// Puts writing_ into the file, trying again while there is no room. False when the thread has to
// end.
bool Spool::write_waiting() {
  const std::size_t bytes = writing_.bytes().size();
  while (!writing_.empty()) {
    writing_since_ = steady_nanoseconds();
    const Status status = over_limit(writing_.bytes().size()) ? errno_error("spool limit", ENOSPC)
                                                              : writer_.write(writing_);
    writing_since_ = 0;
    account();
    if (status) break;
    const bool no_room = is_no_room(status.error());
    change_state(no_room ? State::no_room : State::broken, &status.error());
    if (!no_room || !wait_for_room()) return false;
  }
  if (bytes > 0) usual_bytes_ = bytes;
  waiting_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  file_through_ = std::max(file_through_, writing_through_);
  note_filed();
  return true;
}

// All that was taken is in the file; whoever waits for that need not wait for a sync.
void Spool::note_filed() {
  {
    const std::lock_guard lock(mutex_);
    waiting_since_ = pending_.empty() ? 0 : pending_since_;
  }
  if (policy_.segments.synced) events_.written();
}

// Makes durable what is in the file now. False when the thread has to end: a failed sync is final.
bool Spool::sync_written() {
  const GenerationWriter::SyncMark mark = writer_.begin_sync();
  const std::uint64_t through = file_through_;
  writing_since_ = steady_nanoseconds();
  syncer_->begin(writer_.file());
  std::optional<Status> synced;
  bool writable = true;
  while (!(synced = syncer_->wait_for(policy_.pause))) writable = writable && write_meanwhile();
  writing_since_ = 0;
  if (!writable) return false;
  const Status done = *synced ? writer_.end_sync(mark) : *synced;
  if (!done) {
    change_state(State::broken, &done.error());
    return false;
  }
  written_through_ = through;
  return true;
}

// What clients get while the disk syncs goes into the file, for whoever recovers it after a kill;
// it is synced in its turn. What needs another segment, or finds no room, waits. False when the
// thread has to end.
bool Spool::write_meanwhile() {
  if (!meanwhile_.empty()) return true;  // said before what is pending
  {
    const std::lock_guard lock(mutex_);
    const std::size_t bytes = pending_.bytes().size();
    if (bytes == 0 || over_limit(bytes) || !writer_.fits(bytes)) return true;
    std::swap(pending_, meanwhile_);
    meanwhile_through_ = said_;
  }
  const std::size_t bytes = meanwhile_.bytes().size();
  const Status written = writer_.write(meanwhile_);
  account();
  if (written) {
    waiting_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    file_through_ = meanwhile_through_;
    note_filed();
    return true;
  }
  if (is_no_room(written.error())) return true;  // tried again, and spoken of, after the sync
  change_state(State::broken, &written.error());
  return false;
}

void Spool::change_state(State state, const Error* failure) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = failure == nullptr ? Error{} : *failure;
  }
  if (state_.exchange(state) == state) return;
  if (failure == nullptr) {
    log_info("spool is writing again");
  } else {
    log_error(state == State::broken ? "spool is broken" : "spool has no room",
              {{"cause", failure->message}, {"waiting_bytes", waiting_bytes()}});
  }
  events_.written();
}

}  // namespace albicilla
