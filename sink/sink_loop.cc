#include "sink/sink_loop.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "common/base/crc32c.h"
#include "common/base/log.h"

namespace albicilla {

namespace {

constexpr std::size_t kGroupBytes = std::size_t{8} << 20;
constexpr std::chrono::milliseconds kTick{1000};
// A producer that says nothing for so long has ended or lost its way; it says hello when it is
// back.
constexpr std::chrono::minutes kForgetAfter{60};
constexpr std::chrono::seconds kPieceTimeout{60};
constexpr std::chrono::minutes kSayAgain{1};
// Messages handled between two looks at the commit thread.
constexpr int kMessagesPerStep = 256;

bool is_readable(int descriptor) {
  pollfd polled{descriptor, POLLIN, 0};
  return ::poll(&polled, 1, 0) > 0;
}

}  // namespace

SinkLoop::SinkLoop(SinkParts parts, SinkId sink, SinkPace pace)
    : parts_(parts),
      sink_(sink),
      pace_(pace),
      group_(kGroupHeaderBytes, '\0'),
      last_checkpoint_(parts.clock.steady()),
      last_signed_(parts.clock.steady()),
      next_tick_(parts.clock.steady()),
      clock_watch_(parts.clock.wall(), parts.clock.steady()) {}

Status SinkLoop::run(int stop_descriptor) {
  sealed_until_ = parts_.state.sealed_until;
  while (!is_readable(stop_descriptor)) {
    if (const Status waited = wait(stop_descriptor); !waited) return waited;
    parts_.wakeup.drain();
    if (const Status followed = follow_commits(); !followed) return followed;
    if (const Status gathered = gather(); !gathered) return gathered;
    if (parts_.clock.steady() < next_tick_) continue;
    if (const Status ticked = tick(); !ticked) return ticked;
  }
  return finish();
}

Status SinkLoop::wait(int stop_descriptor) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next_tick_ - parts_.clock.steady());
  const auto most = std::max(left, std::chrono::milliseconds(0));
  if (may_gather()) {
    const std::array<int, 2> descriptors{parts_.wakeup.fd(), stop_descriptor};
    return parts_.sockets.wait(descriptors, most);
  }
  // The group is full: only the commit thread can help, so messages must not wake us.
  std::array<pollfd, 2> polled{{{parts_.wakeup.fd(), POLLIN, 0}, {stop_descriptor, POLLIN, 0}}};
  ::poll(polled.data(), polled.size(), static_cast<int>(most.count()));
  return {};
}

// While there is no room the group is not filled further, but messages are still read: whoever says
// hello must hear that the sink is there and accepts nothing.
bool SinkLoop::may_gather() const {
  return !parts_.counters.accepting || group_.size() < kGroupBytes;
}

Status SinkLoop::gather() {
  int handled = 0;
  while (handled < kMessagesPerStep && may_gather()) {
    const auto frames = parts_.sockets.receive();
    if (!frames) return frames.error();
    if (!*frames) break;
    if (const Status done = handle(**frames); !done) return done;
    ++handled;
  }
  const bool nothing_waits = handled < kMessagesPerStep;
  if (!has_group() || !report_.idle) return {};
  if (nothing_waits || group_.size() >= kGroupBytes) hand_over(statement_due());
  return {};
}

Status SinkLoop::handle(const ReceivedFrames& frames) {
  const auto header = parse_wire_header(frames.header);
  if (!header) {
    ++parts_.counters.bad_messages;
    log_warning("message with a bad header dropped", {{"reason", header.error().message}});
    return {};
  }
  if (!may_speak_for(header->producer, frames.peer)) return {};
  parts_.acks.heard(header->producer, parts_.clock.steady());
  if (!carries_piece(header->kind)) parts_.acks.note_reads(header->producer, header->reads);
  // One that expects another sink is told who this is, and nothing of it is believed.
  if (!header->expected_sink.is_zero() && header->expected_sink != sink_) {
    ++parts_.counters.foreign;
    return carries_line(header->kind) ? Status() : publish(header->producer);
  }
  if (!parts_.counters.accepting) {
    if (carries_line(header->kind)) ++parts_.counters.refused;
    return carries_line(header->kind) ? Status() : publish(header->producer);
  }
  const Seq accepted = parts_.state.producers.accepted(header->producer);
  const bool brings_something =
      carries_line(header->kind) || header->base.value > accepted.value + 1;
  if (!frames.peer.empty() && brings_something &&
      parts_.state.producers.owner(header->producer).empty()) {
    const Status claimed = parts_.decisions.claim(header->producer, frames.peer, group_);
    if (!claimed) return claimed;
  }
  const Status noted =
      keep_going(parts_.decisions.note_base(header->producer, header->base, group_));
  if (!noted) return noted;
  if (no_room_) return {};
  if (carries_line(header->kind)) return handle_record(*header, frames);
  if (header->kind == MessageKind::prefix) return handle_prefix(*header, frames);
  touched_.insert(header->producer);
  if (header->kind == MessageKind::probe) {
    parts_.acks.note_probe(header->producer, header->seq, header->round);
  }
  if (header->retired) {
    const Status retired = parts_.decisions.retire(*header, group_);
    if (!retired) return retired;
  }
  return publish(header->producer);
}

// A producer belongs to the worker that first brought something of it: whoever else has a key must
// not be able to end its numbers or put records under its name.
bool SinkLoop::may_speak_for(const ProducerId& producer, std::string_view peer) {
  if (peer.empty()) return true;
  const std::string_view owner = parts_.state.producers.owner(producer);
  if (owner.empty() || owner == peer) return true;
  ++parts_.counters.usurped;
  const SteadyTime now = parts_.clock.steady();
  if (parts_.counters.usurped == 1 || now - usurper_said_ >= kSayAgain) {
    usurper_said_ = now;
    log_error("a worker speaks for another one's producer, dropped",
              {{"worker", peer}, {"owner", owner}, {"producer", hex_text(producer.bytes)}});
  }
  return false;
}

Status SinkLoop::handle_record(const WireHeader& header, const ReceivedFrames& frames) {
  if (frames.frames != 2 || frames.piece.size() > kMostPieceBytes || header.pieces == 0 ||
      crc32c(frames.piece) != header.crc) {
    ++parts_.counters.bad_messages;
    log_warning("damaged piece dropped, the producer sends it again",
                {{"producer", hex_text(header.producer.bytes)}, {"seq", header.seq.value}});
    return {};
  }
  switch (parts_.decisions.judge(header)) {
    case Verdict::duplicate:
      ++parts_.counters.duplicates;
      return {};
    case Verdict::ahead:
      ++parts_.counters.ahead;
      return {};
    case Verdict::next:
    case Verdict::foreign_duplicate:
      return decide(header, frames.piece);
  }
  return {};
}

Status SinkLoop::handle_prefix(const WireHeader& header, const ReceivedFrames& frames) {
  if (frames.frames != 2 || frames.piece.size() > kMostPieceBytes || header.pieces != 1 ||
      header.naming.session_hint.empty() || crc32c(frames.piece) != header.crc) {
    ++parts_.counters.bad_messages;
    return {};
  }
  const Status set = parts_.decisions.set_prefix(header.naming.session_hint, frames.piece, group_);
  if (set) prefixes_.emplace_back(header.producer, header.seq);
  return set;
}

Status SinkLoop::decide(const WireHeader& header, std::string_view piece) {
  Status decided;
  if (header.pieces == 1) {
    decided = parts_.decisions.take(header, piece, group_);
  } else {
    const auto whole = parts_.assembly.take(header, piece, parts_.clock.steady());
    if (!whole) return {};
    decided = whole->oversized ? parts_.decisions.take_oversized(whole->header, group_)
                               : parts_.decisions.take(whole->header, whole->bytes, group_);
  }
  if (decided) touched_.insert(header.producer);
  return keep_going(decided);
}

// Want of room stops the accepting, anything else the process.
Status SinkLoop::keep_going(const Status& status) {
  if (status || !is_no_room(status.error())) return status;
  log_error("no room, not accepting until there is", {{"reason", status.error().message}});
  no_room_ = true;
  parts_.counters.accepting = false;
  return {};
}

// Whatever the step decides, it decides on this one report: a group that is synced meanwhile is
// published before the next is handed over.
Status SinkLoop::follow_commits() {
  report_ = parts_.commits.report();
  if (report_.failure) return *report_.failure;
  if (const auto failure = parts_.checkpoints.report().failure) return *failure;
  parts_.counters.accepting = !report_.no_room && !no_room_;
  parts_.acks.set_accepting(parts_.counters.accepting);
  if (report_.synced_jobs == synced_jobs_) return {};
  synced_jobs_ = report_.synced_jobs;
  for (const auto& [producer, durable] : in_flight_) {
    parts_.acks.note_durable(producer, durable);
    if (const Status published = publish(producer); !published) return published;
  }
  in_flight_.clear();
  if (seal_job_ != 0 && synced_jobs_ >= seal_job_) {
    seal_job_ = 0;
    sealed_until_ = parts_.state.sealed_until;
  }
  return {};
}

void SinkLoop::hand_over(Statement statement) {
  CommitJob job;
  parts_.decisions.chain_lines(group_);
  if (has_group()) bytes_since_checkpoint_ += group_.size();
  unsigned_producers_.insert(touched_.begin(), touched_.end());
  if (statement != Statement::none) job.checkpoint = checkpoint_work(statement);
  in_flight_.clear();
  for (const ProducerId& producer : touched_) {
    in_flight_.emplace_back(producer, parts_.state.producers.accepted(producer));
  }
  touched_.clear();
  in_flight_.insert(in_flight_.end(), prefixes_.begin(), prefixes_.end());
  prefixes_.clear();
  job.group = std::exchange(group_, std::string(kGroupHeaderBytes, '\0'));
  marked_ = false;
  ++handed_jobs_;
  report_.idle = false;
  parts_.commits.hand_over(std::move(job));
}

CheckpointWork SinkLoop::checkpoint_work(Statement statement) {
  const SinkState& state = parts_.state;
  CheckpointWork work;
  work.write = statement == Statement::written;
  work.snapshot.epoch = state.epoch;
  work.snapshot.sealed_until = state.sealed_until;
  work.snapshot.changed = parts_.state.files.take_changed();
  if (work.write) {
    for (const auto& producer : state.producers.all()) work.snapshot.producers.push_back(producer);
    work.snapshot.sessions = state.sessions.encode();
    work.snapshot.prefixes = state.prefixes.encode();
    bytes_since_checkpoint_ = 0;
    last_checkpoint_ = parts_.clock.steady();
    if (parts_.decisions.closed_until() > state.sealed_until) {
      work.seal.final_until = parts_.decisions.closed_until();
    }
  }
  work.seal.now = parts_.clock.wall();
  for (const ProducerId& producer : unsigned_producers_) {
    const auto found = state.producers.all().find(producer);
    if (found == state.producers.all().end()) continue;
    const ProducerState& known = found->second;
    ProducerMark mark{producer, known.accepted, known.records, known.missing, std::nullopt};
    if (known.retired != 0) mark.ended = ProducerTotals{known.opened, known.accepted.value};
    work.seal.marks.push_back(mark);
  }
  unsigned_producers_.clear();
  signed_records_ = parts_.counters.records;
  last_signed_ = parts_.clock.steady();
  return work;
}

SinkLoop::Statement SinkLoop::statement_due() const {
  if (!parts_.checkpoints.report().idle) return Statement::none;
  const SteadyTime now = parts_.clock.steady();
  const std::uint64_t bytes = bytes_since_checkpoint_ + (has_group() ? group_.size() : 0);
  const bool closing = parts_.decisions.closed_until() >
                       std::max(parts_.state.sealed_until, parts_.checkpoints.report().final_until);
  if (closing || bytes >= pace_.checkpoint_bytes ||
      (bytes > 0 && now - last_checkpoint_ >= pace_.checkpoint_interval)) {
    return Statement::written;
  }
  const bool many = parts_.counters.records - signed_records_ >= pace_.sign_records &&
                    now - last_signed_ >= kTick;
  return many || now - last_signed_ >= pace_.sign_interval ? Statement::signed_only
                                                           : Statement::none;
}

// A day that is over gets no more lines; the next checkpoint is its final one; then the log says
// so, and only then may its files be packed.
void SinkLoop::close_days_that_are_over() {
  if (!pace_.seal_after) return;
  const WallTime now = parts_.clock.wall();
  const std::string last = utc_day(now - std::chrono::hours(24) - *pace_.seal_after);
  const std::string oldest = parts_.state.files.oldest_day();
  if (!oldest.empty() && oldest <= last) parts_.decisions.close_days(last);
}

Status SinkLoop::seal_closed_days() {
  const std::string final_until = parts_.checkpoints.report().final_until;
  if (final_until <= parts_.state.sealed_until) return {};
  CommitEntry entry;
  entry.kind = CommitKind::seal;
  entry.day = final_until;
  append_commit_entry(group_, entry);
  seal_job_ = handed_jobs_ + 1;
  log_info("days sealed", {{"until", final_until}});
  return parts_.state.apply(entry);
}

Status SinkLoop::tick() {
  const SteadyTime now = parts_.clock.steady();
  next_tick_ = now + kTick;
  no_room_ = false;  // asked again by the next record
  parts_.assembly.drop_idle(now - kPieceTimeout);
  parts_.counters.producers = parts_.state.producers.all().size();
  parts_.counters.files = parts_.state.files.size();
  const SinkCounters& c = parts_.counters;
  parts_.acks.set_sessions({c.sessions_active, c.sessions_created, c.sessions_expired,
                            c.session_hits, c.session_misses, c.session_fuzzy});
  const CheckpointSeen signed_last = parts_.checkpoints.report().last;
  parts_.acks.set_checkpoint({signed_last.number, signed_last.hash});
  Status published;
  parts_.acks.for_each_heard(now - kForgetAfter, [&](const ProducerId& producer) {
    if (published) published = publish(producer);
  });
  if (!published) return published;
  const bool date_believed = clock_watch_.believes(parts_.clock.wall(), now);
  parts_.sealed_days.note({sealed_until_, parts_.checkpoints.report().signer, date_believed});
  if (parts_.counters.accepting) {
    if (date_believed) close_days_that_are_over();
    if (const Status sealed = seal_closed_days(); !sealed) return sealed;
  }
  if (!report_.idle) return {};
  const Statement due = statement_due();
  if (has_group() || due != Statement::none) {
    hand_over(due);
  } else if (!marked_) {
    CommitJob job;
    job.group.assign(kGroupHeaderBytes, '\0');
    job.only_marks = true;
    ++handed_jobs_;
    report_.idle = false;
    parts_.commits.hand_over(std::move(job));
    marked_ = true;
  }
  return {};
}

Status SinkLoop::wait_for_commits() {
  while (true) {
    if (const Status followed = follow_commits(); !followed) return followed;
    if (report_.idle || report_.no_room) return {};
    pollfd polled{parts_.wakeup.fd(), POLLIN, 0};
    ::poll(&polled, 1, static_cast<int>(kTick.count()));
    parts_.wakeup.drain();
  }
}

Status SinkLoop::finish() {
  log_info("stopping, what was accepted is synced first");
  if (const Status waited = wait_for_commits(); !waited) return waited;
  if (!report_.idle) return {};  // no room: what is not durable was not acknowledged
  parts_.checkpoints.wait_idle();
  hand_over(Statement::written);
  if (const Status waited = wait_for_commits(); !waited) return waited;
  parts_.checkpoints.wait_idle();
  if (const auto failure = parts_.checkpoints.report().failure) return *failure;
  return {};
}

}  // namespace albicilla
