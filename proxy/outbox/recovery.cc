#include "proxy/outbox/recovery.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>
#include <utility>

#include "common/base/log.h"
#include "common/dialect/registry.h"
#include "proxy/outbox/entry_reader.h"

namespace albicilla {

namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

struct Work {
  std::vector<ExchangeId> open;
  std::vector<GapFacts> gaps;
  bool empty() const { return open.empty() && gaps.empty(); }
};

Work work_left(const LeftBehind& left, const GenerationFacts& target) {
  std::unordered_set<ExchangeId> closed;
  Work work;
  const auto name = [&](const Damage& damage, WallTime since) {
    GapFacts gap = gap_of(damage);
    gap.slot = target.slot;
    gap.since = since;
    gap.until = target.started_at;
    work.gaps.push_back(std::move(gap));
  };
  for (const OldGeneration& read : left.generations) {
    closed.insert(read.closed_ids.begin(), read.closed_ids.end());
    for (const Damage& damage : read.damages) name(damage, read.generation->facts.started_at);
    if (read.settled) continue;
    std::ranges::copy(read.generation->index.open_ids(), std::back_inserter(work.open));
  }
  for (const Damage& damage : left.damages) name(damage, target.started_at);
  std::sort(work.open.begin(), work.open.end());
  work.open.erase(std::unique(work.open.begin(), work.open.end()), work.open.end());
  std::erase_if(work.open, [&](const ExchangeId& id) { return closed.contains(id); });
  std::erase_if(work.gaps, [&](const GapFacts& gap) { return closed.contains(gap.id); });
  return work;
}

// Where the exchange's sink stands among the new generation's, by its endpoint.
std::uint32_t sink_for(const GenerationFacts& before, std::uint32_t sink,
                       const GenerationFacts& now) {
  if (sink >= before.sinks.size()) return 0;
  for (std::uint32_t i = 0; i < now.sinks.size(); ++i) {
    if (now.sinks[i].endpoint == before.sinks[sink].endpoint) return i;
  }
  return 0;
}

class Recovery {
 public:
  Recovery(FileSystem& files, const std::vector<OldGeneration>& generations,
           const RecoveryTarget& target)
      : files_(files),
        target_(target),
        generation_(std::make_unique<Generation>(target.directory, target.facts, 0)),
        writer_(files, *generation_, SegmentPolicy{target.policy.bytes, true, false}),
        last_seq_(target.facts.sinks.size()),
        begun_(target.facts.sinks.size()) {
    for (const OldGeneration& read : generations) {
      if (!read.settled)
        sources_.push_back({*read.generation, EntryReader(files, *read.generation)});
    }
  }

  Result<RecoveryOutcome> run(const Work& work) {
    const Status done = write_all(work);
    if (done) {
      writer_.finish();
      for (std::uint32_t i = 0; i < begun_.size(); ++i) generation_->index.tell_begun(i, begun_[i]);
      ++generation_->current_segment;  // all of them may go
      outcome_.generation.generation = std::move(generation_);
      outcome_.generation.sent_before = false;
      return std::move(outcome_);
    }
    writer_.finish();
    if (const Status removed = remove_generation(files_, target_.directory); !removed) {
      log_warning("cannot remove an unfinished recovery", {{"cause", removed.error().message}});
    }
    return done.error();
  }

 private:
  struct Source {
    Generation& generation;
    EntryReader reader;
  };

  Status write_all(const Work& work) {
    if (const Status started = writer_.start(); !started) return started;
    for (const ExchangeId& id : work.open) {
      if (const Status copied = close(id); !copied) return copied;
    }
    for (const GapFacts& gap : work.gaps) {
      close_gap(gap);
      ++begun_[gap.sink];
    }
    if (!batch_.empty()) {
      if (const Status written = writer_.write(batch_); !written) return written;
    }
    return writer_.sync();
  }

  void close_gap(const GapFacts& gap) {
    batch_.gap_close(gap, Seq{++last_seq_[gap.sink].value});
    outcome_.generation.closed_ids.push_back(gap.id);
    ++outcome_.gaps;
  }

  // Under the exchange's own id, so that it is never looked for again.
  GapFacts gap_of_lost(const ExchangeId& id) const {
    GapFacts gap;
    gap.id = id;
    gap.slot = target_.facts.slot;
    gap.since = gap.until = target_.facts.started_at;
    gap.exchanges = 1;
    gap.cause = "its beginning cannot be read: exchange " + uuid_text(id.bytes);
    return gap;
  }

  // A gap whose worker died before it could count what passed.
  void close_open_gap(GapFacts gap, const GenerationFacts& opened_in) {
    gap.sink = sink_for(opened_in, gap.sink, target_.facts);
    gap.until = target_.facts.started_at;
    gap.exchanges.reset();
    close_gap(gap);
  }

  // Where an exchange was begun says so when it retires, but for a generation that has closed
  // nothing for that sink: it never hears of it.
  void note_begun(const Generation& in, std::uint32_t sink) {
    if (sink >= in.facts.sinks.size() || in.index.highest(sink) != Seq{}) return;
    ++begun_[sink_for(in.facts, sink, target_.facts)];
  }

  Status close(const ExchangeId& id) {
    ExchangeBuilder exchange;
    const GenerationFacts* opened_in = nullptr;
    Generation* begun_in = nullptr;
    for (Source& source : sources_) {
      if (const Status copied = copy_from(source, id, exchange); !copied) return copied;
      if (begun_in == nullptr && !source.generation.index.open_places(id).empty()) {
        begun_in = &source.generation;
      }
      if (open_gap_) {
        note_begun(source.generation, open_gap_->sink);
        close_open_gap(*std::exchange(open_gap_, std::nullopt), source.generation.facts);
        return {};
      }
      if (exchange.opened() && opened_in == nullptr) opened_in = &source.generation.facts;
    }
    if (opened_in == nullptr) {
      log_error("open exchange without a readable beginning", {{"exchange", uuid_text(id.bytes)}});
      close_gap(gap_of_lost(id));
      if (begun_in != nullptr) note_begun(*begun_in, 0);
      return {};
    }
    const bool terminal = terminal_event_in(exchange);
    ClosedFacts facts = closed_by_recovery(exchange, terminal);
    facts.sink = sink_for(*opened_in, exchange.opened()->sink, target_.facts);
    if (begun_in != nullptr) note_begun(*begun_in, exchange.opened()->sink);
    batch_.closed(facts, Seq{++last_seq_[facts.sink].value});
    outcome_.generation.closed_ids.push_back(id);
    return {};
  }

  Status copy_from(Source& source, const ExchangeId& id, ExchangeBuilder& exchange) {
    for (const EntryPlace& place : source.generation.index.open_places(id)) {
      const auto entry = source.reader.read(place);
      if (!entry) {
        if (entry.error().os_error == 0) continue;  // damaged since it was read: as if torn
        return entry.error();
      }
      const auto type = static_cast<EntryType>(entry->type);
      if (type == EntryType::gap_open) {
        const auto gap = parse_gap(entry->payload);
        if (gap) open_gap_ = *gap;
        return {};
      }
      if (!exchange.add(type, entry->payload)) continue;
      batch_.entry(id, type, entry->payload);
      if (batch_.bytes().size() < kBatchBytes) continue;
      if (const Status written = writer_.write(batch_); !written) return written;
    }
    return {};
  }

  static bool terminal_event_in(const ExchangeBuilder& exchange) {
    TerminalScanner scanner(dialect_named(exchange.opened()->dialect));
    return scanner.feed(exchange.body(Direction::response));
  }

  FileSystem& files_;
  const RecoveryTarget& target_;
  std::unique_ptr<Generation> generation_;
  GenerationWriter writer_;
  std::vector<Source> sources_;
  std::vector<Seq> last_seq_;
  std::vector<std::uint64_t> begun_;  // by sink: here and nowhere that the sink hears of
  Batch batch_;
  std::optional<GapFacts> open_gap_;
  RecoveryOutcome outcome_;
};

}  // namespace

ClosedFacts closed_by_recovery(const ExchangeBuilder& exchange, bool terminal_event_seen) {
  ClosedFacts facts;
  facts.id = exchange.opened()->id;
  facts.sink = exchange.opened()->sink;
  facts.closed_at = exchange.opened()->started_at + exchange.last_part_at();
  facts.duration = exchange.last_part_at();
  facts.first_byte = exchange.first_answer_at();
  facts.request_bytes = exchange.body(Direction::request).size();
  facts.response_bytes = exchange.body(Direction::response).size();
  facts.chunks = exchange.parts(Direction::response);
  if (const auto& answered = exchange.answered()) {
    facts.status = answered->status;
    facts.streaming = answered->streaming;
    facts.response_headers = answered->response_headers;
  }
  facts.ending = terminal_event_seen ? Ending::complete : Ending::interrupted;
  if (!terminal_event_seen) facts.error = "the worker died before the answer was whole";
  return facts;
}

Result<RecoveryOutcome> recover(FileSystem& files, const LeftBehind& left,
                                const RecoveryTarget& target) {
  const Work work = work_left(left, target.facts);
  if (work.empty()) return RecoveryOutcome();
  return Recovery(files, left.generations, target).run(work);
}

}  // namespace albicilla
