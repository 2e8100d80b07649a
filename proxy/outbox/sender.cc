#include "proxy/outbox/sender.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "proxy/outbox/thread_priority.h"

namespace albicilla {

namespace {

constexpr std::chrono::seconds kLookForLeftOver{15};
constexpr std::chrono::milliseconds kLongestSleep{250};
// Copying forward happens in steps, so that the batches of running exchanges come in between.
constexpr std::uint64_t kCopyBytes = std::uint64_t{1} << 20;
constexpr std::chrono::milliseconds kLeavePause{1000};
constexpr std::uint64_t kCopiedBytesPerMs = 8192;

}  // namespace

struct Sender::Adopted {
  Adopted(FileSystem& files, Slot taken, SpoolRoom& room, OutboxCounters& counters)
      : slot(std::move(taken)), known(files, slot), backlog(files, slot, room, counters) {}

  Slot slot;
  KnownSinks known;
  Backlog backlog;
  GenerationNumber recovery_number = 0;
};

Sender::Sender(Parts parts, SenderPolicy policy, std::function<void()> on_durable)
    : parts_(parts),
      policy_(std::move(policy)),
      on_durable_(std::move(on_durable)),
      witness_(parts_.files, parts_.slot.directory),
      mark_(parts_.slot),
      maker_(parts_.render, mark_),
      known_(parts_.files, parts_.slot),
      own_(parts_.files, parts_.slot, parts_.room, parts_.counters),
      live_reader_(parts_.files, parts_.live),
      loop_crowding_(policy_.loop_thread, parts_.clock) {
  // Each sink has a secret of its own; exchanges whose session id is derived go to the first.
  const auto add = [&](const SinkAddress& sink) {
    SessionSecret& secret = destinations_.empty() ? parts_.secret : other_secrets_;
    destinations_.push_back(std::make_unique<Destination>(
        transport_, sink, policy_.destination,
        Destination::Parts{parts_.clock, maker_, parts_.counters, secret, witness_}));
  };
  for (const SinkAddress& sink : policy_.sinks) add(sink);
  for (const SinkAddress& sink : policy_.sinks_to_drain) {
    if (destination_of(sink.records) == nullptr) add(sink);
  }
}

Sender::~Sender() { finish(std::chrono::milliseconds(0)); }

void Sender::start(std::vector<GenerationNumber> older, GenerationNumber recovery) {
  older_ = std::move(older);
  recovery_number_ = recovery;
  thread_ = std::thread([this] { run(); });
}

void Sender::finish(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  give_up_at_ = (parts_.clock.steady() + patience).time_since_epoch().count();
  finishing_ = true;
  wake_up_.signal();
  thread_.join();
}

void Sender::run() {
  leave_signals_to_the_loop();
  // Whoever gathers is waited for by nobody; the event loop's clients wait for it.
  if (policy_.gather.count() > 0) run_behind_the_loop();
  begin();
  while (true) {
    wake_up_.clear();
    const SteadyTime now = parts_.clock.steady();
    bool more = false;
    for (const auto& destination : destinations_) more = destination->turn(now) || more;
    settle(own_, parts_.slot, known_, recovery_number_);
    if (!finishing_) adopt_left_over(now);
    clean();
    count();
    if (finishing_) {
      if (all_acknowledged() || now.time_since_epoch().count() >= give_up_at_) break;
    }
    sleep(more);
  }
  if (!all_acknowledged()) return;
  for (const auto& destination : destinations_) destination->end(parts_.live);
}

void Sender::begin() {
  own_.read(older_);
  for (const OldGeneration& old : own_.generations()) attach(old, known_);
  for (std::uint32_t sink = 0; sink < policy_.sinks.size(); ++sink) {
    destinations_[sink]->add(parts_.files, parts_.live, sink, known_,
                             Watermarks::Origin::this_process);
  }
}

void Sender::attach(const OldGeneration& old, KnownSinks& known) {
  Generation& generation = *old.generation;
  const auto origin =
      old.sent_before ? Watermarks::Origin::earlier_process : Watermarks::Origin::this_process;
  for (std::uint32_t sink = 0; sink < generation.facts.sinks.size(); ++sink) {
    if (generation.index.highest(sink) == Seq{}) continue;
    Destination* destination = destination_of(generation.facts.sinks[sink].endpoint);
    if (destination != nullptr) {
      destination->add(parts_.files, generation, sink, known, origin);
    } else {
      log_warning(
          "records for a sink that is not configured stay in the spool",
          {{"sink", generation.facts.sinks[sink].endpoint}, {"generation", generation.directory}});
    }
  }
}

Destination* Sender::destination_of(const std::string& endpoint) {
  for (const auto& destination : destinations_) {
    if (destination->link().address().records == endpoint) return destination.get();
  }
  return nullptr;
}

GenerationFacts Sender::new_facts(const Slot& slot) const {
  GenerationFacts facts;
  facts.slot = slot.index;
  facts.started_at = parts_.clock.wall();
  for (const SinkAddress& sink : policy_.sinks) {
    facts.sinks.push_back({random_id<ProducerId>(), sink.records});
  }
  return facts;
}

void Sender::settle(Backlog& backlog, const Slot& slot, KnownSinks& known,
                    GenerationNumber number) {
  if (backlog.settled()) return;
  const std::size_t before = backlog.generations().size();
  GenerationFacts facts = new_facts(slot);
  facts.recovery = true;
  backlog.settle({generation_directory(slot, number), std::move(facts), policy_.segments});
  const auto& generations = backlog.generations();
  for (std::size_t i = before; i < generations.size(); ++i) attach(generations[i], known);
}

void Sender::adopt_left_over(SteadyTime now) {
  if (looked_for_left_over_ && now - *looked_for_left_over_ < kLookForLeftOver) return;
  looked_for_left_over_ = now;
  auto slots = claim_left_over_slots(parts_.files, policy_.spool_directory, policy_.own_slots);
  if (!slots) {
    log_error("cannot look for left-over slots", {{"cause", slots.error().message}});
    return;
  }
  for (Slot& slot : *slots) {
    log_info("left-over slot adopted", {{"slot", slot.index}});
    auto& adopted = *adopted_.emplace_back(
        std::make_unique<Adopted>(parts_.files, std::move(slot), parts_.room, parts_.counters));
    const auto generations = list_generations(parts_.files, adopted.slot);
    if (!generations || generations->empty()) continue;
    adopted.recovery_number = generations->back() + 1;
    adopted.backlog.read(*generations);
    for (const OldGeneration& old : adopted.backlog.generations()) attach(old, adopted.known);
  }
}

void Sender::clean() {
  clean_backlog(own_);
  for (auto adopted = adopted_.begin(); adopted != adopted_.end();) {
    Adopted& one = **adopted;
    settle(one.backlog, one.slot, one.known, one.recovery_number);
    clean_backlog(one.backlog);
    const bool done = one.backlog.settled() && one.backlog.generations().empty();
    adopted = done ? adopted_.erase(adopted) : std::next(adopted);
  }
  clean_live();
}

void Sender::clean_backlog(Backlog& backlog) {
  for (const auto& gone : backlog.clean()) {
    for (const auto& destination : destinations_) destination->remove(*gone);
  }
}

void Sender::clean_live() {
  const std::uint64_t acknowledged = parts_.counters.acknowledged_records;
  if (acknowledged != std::exchange(acknowledged_before_, acknowledged)) on_durable_();
  const auto bytes = remove_unneeded_segments(parts_.files, parts_.live);
  if (!bytes) log_error("cannot delete a segment", {{"cause", bytes.error().message}});
  if (bytes && *bytes > 0) {
    parts_.room.used_bytes -= *bytes;
    parts_.spool.room_made();
  }
  if (!parts_.spool.copying()) copy_pinning_entries();
  if (policy_.segments.forgets) forget_acknowledged();
}

// What the sink has is not to stay in a segment only because that is not full yet. Long streams are
// copied whenever their segment goes, so the more of them there is, the less often.
void Sender::forget_acknowledged() {
  const SteadyTime now = parts_.clock.steady();
  if (now < leave_again_ || !parts_.live.index.holds_acknowledged(parts_.live.current_segment)) {
    return;
  }
  leave_again_ = now + kLeavePause +
                 std::chrono::milliseconds(parts_.live.index.open_bytes() / kCopiedBytesPerMs);
  parts_.spool.leave_segment();
}

void Sender::copy_pinning_entries() {
  std::vector<Spool::Copy> copies;
  live_reader_.release();
  const std::uint32_t behind = policy_.segments.forgets ? 0 : 1;
  for (const OpenEntry& open :
       parts_.live.index.pinning(parts_.live.current_segment, kCopyBytes, behind)) {
    const auto entry = live_reader_.read(open.place);
    if (!entry) {
      log_error("cannot copy an open exchange", {{"cause", entry.error().message}});
      return;
    }
    copies.push_back({open, static_cast<EntryType>(entry->type), std::string(entry->payload)});
  }
  if (!copies.empty()) parts_.spool.copy_forward(std::move(copies));
}

void Sender::count() {
  std::uint64_t records = parts_.live.index.held_records();
  const auto add = [&](const Backlog& backlog) {
    for (const OldGeneration& old : backlog.generations()) {
      records += old.generation->index.held_records();
    }
  };
  add(own_);
  for (const auto& adopted : adopted_) add(adopted->backlog);
  parts_.counters.unacknowledged_records = records;
  parts_.counters.open_exchanges = parts_.live.index.open_exchanges();
  const auto own_sinks = static_cast<std::ptrdiff_t>(policy_.sinks.size());
  parts_.counters.sinks_reached =
      std::all_of(destinations_.begin(), destinations_.begin() + own_sinks,
                  [](const auto& one) { return one->reached(); });
}

bool Sender::all_acknowledged() const {
  return own_.settled() &&
         std::all_of(destinations_.begin(), destinations_.end(),
                     [](const auto& destination) { return destination->all_acknowledged(); });
}

// While the loop itself has to wait for a processor, rendering would make its clients wait longer:
// thousands of streams that end within a second delayed each other's events by tens of
// milliseconds. Asked between slices too, for rendering itself is what crowds.
bool Sender::stands_back() {
  const bool crowded = loop_crowding_.waits() && !finishing_;
  return stand_back_.wanted(crowded, parts_.clock.steady(), parts_.live.index.held_records());
}

void Sender::gather(bool more) {
  if (policy_.gather.count() == 0) return;
  const std::uint64_t sent = parts_.counters.sent_records;
  const bool sent_something = sent != std::exchange(sent_before_, sent);
  if (!more) stand_back_.end_burst();
  bool rests = more ? stands_back() : sent_something;
  while (rests) {
    std::this_thread::sleep_for(policy_.gather);
    rests = stands_back();
  }
}

void Sender::sleep(bool more) {
  gather(more);
  if (more) return;
  std::vector<SinkLink*> links;
  std::vector<SinkLink*> blocked;
  for (const auto& destination : destinations_) {
    links.push_back(&destination->link());
    if (destination->blocked()) blocked.push_back(&destination->link());
  }
  const auto& timing = policy_.destination.timing;
  const auto pause = parts_.counters.sinks_reached
                         ? std::min(kLongestSleep, timing.probe_after / 4)
                         : std::min(kLongestSleep, timing.hello_again / 16);
  SinkLink::wait(links, blocked, wake_up_.descriptor(), pause);
}

}  // namespace albicilla
