#include "proxy/outbox/outbox.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "common/base/log.h"

namespace albicilla {

namespace {

// Written batches kept for the sender, so that it need not read what it sends at once.
constexpr std::size_t kRecentBytes = std::size_t{16} << 20;
// More than this does not wait for the pause to end.
constexpr std::size_t kPromptBytes = std::size_t{1} << 20;
// Nobody waits for the sink unless --durability sink: what has come meanwhile goes together, so
// that threads are woken and the sink's disk is synced a hundred times a second and not a thousand.
constexpr std::chrono::milliseconds kGather{10};
// Below the 10 ms that are promised; above the pause between writes for which nobody waits.
constexpr std::chrono::milliseconds kLate{8};
constexpr std::uint64_t kLeastSegmentBytes = std::uint64_t{64} << 10;

GenerationNumber next_number(const std::vector<GenerationNumber>& older) {
  return older.empty() ? 1 : older.back() + 1;
}

// The number before it is left for what recovery closes.
GenerationNumber live_number(const std::vector<GenerationNumber>& older) {
  return next_number(older) + 1;
}

GenerationFacts live_facts(const OutboxConfig& config, const Slot& slot, const Clock& clock) {
  GenerationFacts facts;
  facts.slot = slot.index;
  facts.started_at = clock.wall();
  for (const SinkAddress& sink : config.sinks) {
    facts.sinks.push_back({random_id<ProducerId>(), sink.records});
  }
  return facts;
}

SegmentPolicy segment_policy(const OutboxConfig& config) {
  // A small limit must still hold several segments, or nothing could ever be deleted.
  const std::uint64_t bytes = std::min(config.segment_bytes, config.spool_limit_bytes / 8);
  return {std::max(bytes, kLeastSegmentBytes), config.durability == Durability::fsync,
          config.forgets_acknowledged};
}

SenderPolicy sender_policy(const OutboxConfig& config) {
  return {config.sinks,
          config.sink_policy,
          segment_policy(config),
          config.spool_directory,
          {config.first_slot, config.first_slot + config.slots},
          config.durability == Durability::sink ? std::chrono::milliseconds(0) : kGather,
          ::gettid(),
          config.sinks_to_drain};
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::start(OutboxConfig config, Parts parts) {
  if (config.sinks.empty()) return our_error("outbox: at least one sink is needed");
  auto slot = claim_slot(parts.files, config.spool_directory, config.slot, config.slot_patience);
  if (!slot) return slot.error();
  const auto older = list_generations(parts.files, *slot);
  if (!older) return older.error();
  auto outbox = std::unique_ptr<Outbox>(
      new Outbox(std::move(config), std::move(parts), std::move(*slot), *older));
  outbox->spool_.start();
  outbox->sender_.start(*older, next_number(*older));
  return outbox;
}

Outbox::Outbox(OutboxConfig config, Parts parts, Slot slot, std::vector<GenerationNumber> older)
    : config_(std::move(config)),
      parts_(std::move(parts)),
      slot_(std::move(slot)),
      room_(config_.spool_limit_bytes),
      live_(generation_directory(slot_, live_number(older)),
            live_facts(config_, slot_, parts_.clock), kRecentBytes),
      spool_(parts_.files, live_, room_, {segment_policy(config_), config_.write_pause},
             {[this] { on_spool_progress(); }, [this] { sender_.wake(); }}),
      sender_({parts_.files, parts_.clock, parts_.render, slot_, live_, spool_, room_, counters_,
               secret_},
              sender_policy(config_), [this] { on_durable(); }),
      late_timer_(parts_.loop),
      acknowledgement_waiters_(config_.sinks.size()) {}

Outbox::~Outbox() {
  gap_.reset();  // without stop() before: as after a kill, nobody says how many there were
  spool_waiters_ = {};
  calm_waiters_ = {};
  late_waiters_ = {};
  acknowledgement_waiters_.clear();
  stop(std::chrono::milliseconds(0));
}

void Outbox::stop(std::chrono::milliseconds patience) {
  if (std::exchange(stopped_, true)) return;
  if (gap_) close_gap();
  spool_.stop();
  sender_.finish(patience);
  const bool empty = live_.index.held_records() == 0 && live_.index.open_exchanges() == 0;
  if (!empty) {
    log_info("outbox stopped, records are left for the next start",
             {{"records", live_.index.held_records()}, {"open", live_.index.open_exchanges()}});
  }
  if (!empty || spool_.state() != Spool::State::working) return;
  if (const Status removed = remove_generation(parts_.files, live_.directory); !removed) {
    log_warning("cannot delete a finished generation", {{"cause", removed.error().message}});
  }
}

bool Outbox::accepting() const { return spool_.accepting(); }

SpoolPosition Outbox::opened(const OpenedFacts& facts) {
  if (gap_) close_gap();
  return write_later(spool_.opened(facts));
}

// The gap is in the reserve before the first exchange passes, so that a worker that dies within it
// leaves a gap of unknown size and never none.
Task<Status> Outbox::unlogged() {
  while (true) {
    if (!gap_) open_gap();
    if (is_written(gap_position_)) break;
    const Status status = co_await written(gap_position_);  // the gap may be closed meanwhile
    if (!status) co_return status;
  }
  ++*gap_->exchanges;
  co_return Status();
}

void Outbox::open_gap() {
  GapFacts& gap = gap_.emplace();
  gap.id = random_id<ExchangeId>();
  gap.slot = slot_.index;
  gap.since = gap.until = parts_.clock.wall();
  gap.cause = "spool full, --on-full pass";
  gap_position_ = write_later(spool_.gap_open(gap));
  gap.exchanges = 0;
  ++counters_.gaps;
  log_error("spool full, exchanges pass without a record", {{"slot", slot_.index}});
}

void Outbox::close_gap() {
  gap_->until = parts_.clock.wall();
  log_warning("exchanges have records again",
              {{"slot", slot_.index}, {"without_record", *gap_->exchanges}});
  write_later(spool_.gap_close(*gap_));
  gap_.reset();
}

SpoolPosition Outbox::part(const PartFacts& facts, std::string_view bytes) {
  if (stalled_ && spool_.waiting_for() <= kLate) stalled_ = false;
  return write_later(spool_.part(facts, bytes));
}

SpoolPosition Outbox::answered(const AnsweredFacts& facts) {
  return write_later(spool_.answered(facts));
}

SpoolPosition Outbox::closed(const ClosedFacts& facts) {
  const Spool::Closed closed = spool_.closed(facts);
  if (config_.durability == Durability::sink) {
    closed_.push_back({closed.position, facts.sink, closed.seq});
  }
  return write_later(closed.position);
}

SpoolPosition Outbox::write_later(SpoolPosition position) {
  if (spool_.waiting_bytes() > kPromptBytes) somebody_waits_ = true;
  post_flush();
  return position;
}

void Outbox::write_soon() {
  somebody_waits_ = true;
  post_flush();
}

// Posted, so that everything that this turn of the loop still says goes with the same write.
void Outbox::post_flush() {
  if (std::exchange(flush_posted_, true)) return;
  boost::asio::post(parts_.loop, [this] {
    flush_posted_ = false;
    if (std::exchange(somebody_waits_, false)) {
      spool_.flush();
    } else {
      spool_.flush_soon();
    }
  });
}

bool Outbox::is_written(SpoolPosition position) const {
  if (position > spool_.written_through()) return false;
  const Closed* closed = unacknowledged_close(position);
  return closed == nullptr || closed->seq <= acknowledged_through(closed->sink);
}

const Outbox::Closed* Outbox::unacknowledged_close(SpoolPosition position) const {
  const auto found = std::lower_bound(
      closed_.begin(), closed_.end(), position,
      [](const Closed& closed, SpoolPosition wanted) { return closed.position < wanted; });
  return found == closed_.end() || found->position != position ? nullptr : &*found;
}

Seq Outbox::acknowledged_through(std::uint32_t sink) const {
  return live_.index.acknowledged(sink);
}

Task<Status> Outbox::written(SpoolPosition position) {
  if (position > spool_.written_through()) {
    Status status = co_await in_spool(position);
    if (!status) co_return status;
  }
  if (const Closed* closed = unacknowledged_close(position))
    co_return co_await acknowledged(*closed);
  co_return Status();
}

Task<Status> Outbox::in_spool(SpoolPosition position) {
  if (spool_.state() != Spool::State::working) co_return spool_.failure();
  lowest_wanted_ = std::min(lowest_wanted_.load(), position);
  write_soon();
  // The spool thread may have passed before it could see that somebody waits.
  if (spool_.written_through() >= position || spool_.state() != Spool::State::working) {
    notify_loop();
  }
  co_return co_await spool_waiters_.wait(position);
}

Task<Status> Outbox::acknowledged(Closed closed) {
  acknowledgement_wanted_ = true;
  if (acknowledged_through(closed.sink) >= closed.seq) notify_loop();
  co_return co_await acknowledgement_waiters_[closed.sink].wait(closed.seq.value);
}

bool Outbox::is_calm() const { return spool_.waiting_bytes() <= config_.congestion_bytes / 2; }

bool Outbox::congested() const { return spool_.waiting_bytes() > config_.congestion_bytes; }

Task<void> Outbox::uncongested() {
  if (!congested()) co_return;
  calm_wanted_ = true;
  if (is_calm()) notify_loop();
  write_soon();
  co_await calm_waiters_.wait(0);
}

bool Outbox::late() const {
  return spool_.waiting_for() > kLate && !stalled_ && spool_.state() == Spool::State::working;
}

Task<void> Outbox::caught_up() {
  if (!late()) co_return;
  if (!catching_up_.exchange(true)) {
    late_timer_.expires_after(config_.stall_patience);
    late_timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      stalled_ = late();
      release_late();
    });
    spool_.flush();  // not posted: this turn of the loop may be what takes so long
  }
  if (!late()) notify_loop();
  co_await late_waiters_.wait(++late_waits_);
}

void Outbox::release_late() {
  catching_up_ = false;
  late_timer_.cancel();
  late_waiters_.resume(late_waits_);
}

void Outbox::notify_loop() {
  if (progress_posted_.exchange(true)) return;
  boost::asio::post(parts_.loop, [this] { on_progress(); });
}

void Outbox::on_spool_progress() {
  const Spool::State state = spool_.state();
  const SpoolPosition wanted = lowest_wanted_.load();
  const bool reached = wanted != UINT64_MAX &&
                       (spool_.written_through() >= wanted || state != Spool::State::working);
  const bool caught_up = catching_up_ && !late();
  if (reached || caught_up || (calm_wanted_ && is_calm()) || state == Spool::State::broken) {
    notify_loop();
  }
}

void Outbox::on_durable() {
  if (acknowledgement_wanted_) notify_loop();
}

void Outbox::on_progress() {
  progress_posted_ = false;
  spool_waiters_.resume(spool_.written_through());
  if (spool_.state() != Spool::State::working) fail_waiters();
  lowest_wanted_ = spool_waiters_.empty() ? UINT64_MAX : spool_waiters_.lowest();
  if (calm_wanted_ && is_calm()) {
    calm_wanted_ = false;
    calm_waiters_.resume(0);
  }
  if (catching_up_ && !late()) release_late();
  bool any_waits = false;
  for (std::uint32_t sink = 0; sink < acknowledgement_waiters_.size(); ++sink) {
    acknowledgement_waiters_[sink].resume(acknowledged_through(sink).value);
    any_waits = any_waits || !acknowledgement_waiters_[sink].empty();
  }
  acknowledgement_wanted_ = any_waits;
  while (!closed_.empty() && closed_.front().seq <= acknowledged_through(closed_.front().sink)) {
    closed_.pop_front();
  }
}

// There is no room, or the spool is broken: those who wait have to break off; what they said stays
// waiting and is written when there is room again.
void Outbox::fail_waiters() {
  const Error failure = spool_.failure();
  spool_waiters_.fail(failure);
  if (spool_.state() != Spool::State::broken) return;
  for (Waiters& waiters : acknowledgement_waiters_) waiters.fail(failure);
  calm_waiters_.fail(failure);
  if (!std::exchange(said_broken_, true) && parts_.on_broken) parts_.on_broken(failure);
}

OutboxStats Outbox::stats() const {
  OutboxStats stats;
  stats.spool_bytes = room_.used_bytes;
  stats.spool_limit_bytes = room_.limit_bytes;
  stats.waiting_bytes = spool_.waiting_bytes();
  stats.unacknowledged_records = counters_.unacknowledged_records;
  stats.open_exchanges = counters_.open_exchanges;
  stats.sent_records = counters_.sent_records;
  stats.acknowledged_records = counters_.acknowledged_records;
  stats.recovered_exchanges = counters_.recovered_exchanges;
  stats.resends = counters_.resends;
  stats.gaps = counters_.gaps;
  stats.foreign_sinks = counters_.foreign_sinks;
  stats.false_watermarks = counters_.false_watermarks;
  stats.accepting = spool_.accepting();
  stats.sinks_reached = counters_.sinks_reached;
  return stats;
}

}  // namespace albicilla
