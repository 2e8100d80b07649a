#include "proxy/outbox/destination.h"

#include <algorithm>
#include <utility>

#include "common/base/crc32c.h"
#include "common/base/log.h"
#include "proxy/outbox/entry_reader.h"

namespace albicilla {

namespace {

// A slice keeps the sender's turns short, so that watermarks are heard while much is to be sent,
// and the event loop's need of a processor is seen.
constexpr int kSliceRecords = 64;
constexpr std::chrono::milliseconds kSliceTime{1};
// What a message costs besides the line.
constexpr std::uint64_t kHeaderBytes = 512;
// The first start of a sink on its log root: it holds nothing that we could overwrite or miss.
constexpr std::uint64_t kFirstEpoch = 1;

}  // namespace

// A record on its way out: made once, however many turns its pieces take.
struct Destination::Made {
  Seq seq;
  OutgoingRecord record;
  std::uint32_t next_piece = 0;
  std::uint32_t pieces = 1;
};

struct Destination::Outgoing {
  Outgoing(FileSystem& files, Generation& from, std::uint32_t number, KnownSinks& sinks,
           Watermarks::Origin origin, WatermarkTiming timing)
      : generation(from),
        sink(number),
        known(sinks),
        marks(from.facts.sinks[number].producer, origin, timing),
        reader(files, from) {}

  Generation& generation;
  const std::uint32_t sink;
  KnownSinks& known;
  Watermarks marks;
  EntryReader reader;
  std::optional<Made> made;
  std::optional<SteadyTime> told_holes;  // when the sink was last told of what cannot be read
};

Destination::Destination(SinkTransport& transport, SinkAddress address, DestinationPolicy policy,
                         Parts parts)
    : link_(transport, std::move(address)),
      policy_(policy),
      clock_(parts.clock),
      maker_(parts.maker),
      counters_(parts.counters),
      secret_(parts.secret),
      witness_(parts.witness),
      backoff_(policy.first_backoff) {}

Destination::~Destination() = default;

void Destination::add(FileSystem& files, Generation& generation, std::uint32_t sink,
                      KnownSinks& known, Watermarks::Origin origin) {
  Outgoing& added = outgoing_.emplace_back(files, generation, sink, known, origin, policy_.timing);
  link_.listen_for(added.marks.producer());
  if (remade_at_) added.marks.begin_round(round_, *remade_at_);
}

void Destination::remove(const Generation& generation) {
  std::erase_if(outgoing_, [&](const Outgoing& out) {
    if (&out.generation != &generation) return false;
    tell_end(out);
    link_.stop_listening(out.marks.producer());
    return true;
  });
}

void Destination::end(const Generation& generation) {
  link_.linger();
  remove(generation);
}

bool Destination::all_acknowledged() const {
  return std::all_of(outgoing_.begin(), outgoing_.end(), [](const Outgoing& out) {
    return out.generation.index.acknowledged(out.sink) == out.generation.index.highest(out.sink);
  });
}

bool Destination::turn(SteadyTime now) {
  blocked_ = false;
  if (remake_wanted_) {
    if (remade_at_ && now - *remade_at_ < backoff_) return false;
    remake(now);
  }
  tell_trouble();
  hear_all(now);
  bool more = false;
  for (Outgoing& out : outgoing_) {
    if (remake_wanted_) return false;
    tell(out, now);
    if (send_slice(out, now)) more = true;
    if (out.marks.silent(now)) begin_anew(out.marks, now);
  }
  return more && !blocked_;
}

void Destination::remake(SteadyTime now) {
  if (remade_at_) backoff_ = std::min(backoff_ * 2, policy_.longest_backoff);
  remade_at_ = now;
  ++round_;
  if (const Status made = link_.remake(); !made) {
    log_error("cannot connect to the sink", {{"cause", made.error().message}});
    return;
  }
  remake_wanted_ = false;
  for (Outgoing& out : outgoing_) {
    out.marks.begin_round(round_, now);
    out.made.reset();
  }
}

// What is in flight is lost or will be: the sockets go at once, new ones come after the backoff.
void Destination::begin_anew(const Watermarks& cause, SteadyTime now) {
  if (remake_wanted_) return;
  remake_wanted_ = true;
  if (cause.in_flight()) {
    ++counters_.resends;
    log_warning("records did not reach the sink, sending again",
                {{"sink", link_.address().records},
                 {"producer", hex_text(cause.producer().bytes)},
                 {"sent", cause.sent().value},
                 {"durable", cause.durable().value},
                 {"round", round_}});
  }
  link_.drop();
  if (!remade_at_ || now - *remade_at_ >= backoff_) remake(now);
}

// One line until it changes or the sink has been reached.
void Destination::tell_trouble() {
  auto trouble = link_.take_trouble();
  if (!trouble || *trouble == said_trouble_) return;
  said_trouble_ = std::move(*trouble);
  log_error("sink does not let us in, records stay in the spool",
            {{"sink", link_.address().records}, {"reason", said_trouble_}});
}

void Destination::hear_all(SteadyTime now) {
  while (const auto bytes = link_.take_watermark()) {
    const auto watermark = parse_watermark(*bytes);
    if (!watermark) {
      ++counters_.false_watermarks;
      if (!std::exchange(said_unreadable_, true)) {
        log_error("unreadable watermark, is the sink of another version?",
                  {{"sink", link_.address().records}, {"cause", watermark.error().message}});
      }
      continue;
    }
    said_unreadable_ = false;
    for (Outgoing& out : outgoing_) {
      if (out.marks.producer() == watermark->producer) hear(out, *watermark, now);
    }
    if (remake_wanted_) return;
  }
}

void Destination::hear(Outgoing& from, const Watermark& watermark, SteadyTime now) {
  if (!is_right_sink(from, watermark)) {
    ++counters_.foreign_sinks;
    return;
  }
  const Seq durable_before = from.marks.durable();
  const Watermarks::Heard heard = from.marks.hear(watermark, now);
  if (heard == Watermarks::Heard::above_sent) {
    ++counters_.false_watermarks;
    log_error("watermark above what was sent, not applied",
              {{"sink", link_.address().records},
               {"watermark", watermark.accepted.value},
               {"sent", from.marks.sent().value}});
    return;
  }
  reached_ = true;
  said_trouble_.clear();
  if (watermark.round > round_) {
    round_ = watermark.round + 1;
    for (Outgoing& out : outgoing_) out.marks.raise_round(round_);
  }
  witness_.note(watermark.sink, watermark.checkpoint);
  if (!watermark.session_secret.empty()) secret_.set(watermark.session_secret);
  most_chunks_ = watermark.most_chunks;
  if (from.marks.durable() > durable_before) {
    backoff_ = policy_.first_backoff;
    counters_.acknowledged_records +=
        from.generation.index.acknowledge(from.sink, from.marks.durable());
    if (from.made && from.made->seq <= from.marks.durable()) from.made.reset();
  }
  if (heard == Watermarks::Heard::restarted) remade_at_.reset();
  if (heard != Watermarks::Heard::applied) begin_anew(from.marks, now);
}

bool Destination::is_right_sink(Outgoing& from, const Watermark& watermark) {
  const std::string& endpoint = link_.address().records;
  const SinkId known = from.known.at(endpoint);
  if (watermark.sink == known) return true;
  if (!known.is_zero()) {
    if (!policy_.accept_new_sink && watermark.epoch != kFirstEpoch) {
      if (!std::exchange(said_foreign_, true)) {
        log_error("another log root answers as this sink, its watermarks are refused",
                  {{"sink", endpoint}});
      }
      return false;
    }
    log_warning("the sink has a new log root", {{"sink", endpoint}});
  }
  if (const Status kept = from.known.remember(endpoint, watermark.sink); !kept) {
    log_error("cannot remember the sink", {{"cause", kept.error().message}});
  }
  return true;
}

WireHeader Destination::header(const Outgoing& from, MessageKind kind, Seq seq) const {
  WireHeader header;
  header.kind = kind;
  header.producer = from.marks.producer();
  header.seq = seq;
  header.base = from.generation.index.base(from.sink);
  header.expected_sink = from.known.at(link_.address().records);
  header.round = round_;
  return header;
}

void Destination::tell(Outgoing& from, SteadyTime now) {
  if (from.marks.hello_due(now)) {
    const Seq highest = from.generation.index.highest(from.sink);
    if (link_.push(encode(header(from, MessageKind::hello, highest)))) {
      from.marks.note_hello(now);
    } else {
      blocked_ = true;
    }
  }
  tell_holes(from, now);
  const auto probe = from.marks.probe_due(now);
  if (!probe) return;
  if (link_.push(encode(header(from, MessageKind::probe, *probe)))) {
    from.marks.note_probe(now);
  } else {
    blocked_ = true;
  }
}

// Behind the last record that can be sent nothing carries `base` over what cannot: a hello does.
void Destination::tell_holes(Outgoing& from, SteadyTime now) {
  if (!from.marks.heard() || from.marks.in_flight()) return;
  if (!from.generation.index.only_holes(from.sink)) return;
  if (from.told_holes && now - *from.told_holes < policy_.timing.hello_again) return;
  const Seq highest = from.generation.index.highest(from.sink);
  if (!link_.push(encode(header(from, MessageKind::hello, highest)))) {
    blocked_ = true;
    return;
  }
  from.told_holes = now;
  from.marks.note_given_up(highest);
}

void Destination::tell_end(const Outgoing& from) {
  const RecordIndex& index = from.generation.index;
  const Seq highest = index.highest(from.sink);
  const bool all_there = highest != Seq{} && index.acknowledged(from.sink) == highest;
  if (!all_there || !from.marks.heard() || index.open_exchanges() > 0) return;
  WireHeader last = header(from, MessageKind::hello, highest);
  last.retired = true;
  last.opened = index.begun(from.sink);
  (void)link_.push(encode(last));
}

bool Destination::send_slice(Outgoing& from, SteadyTime now) {
  const SteadyTime end = clock_.steady() + kSliceTime;
  for (int i = 0; i < kSliceRecords && (i == 0 || clock_.steady() < end); ++i) {
    if (!from.made && !(from.marks.may_send(0) && make_next(from))) {
      from.reader.release();
      return false;
    }
    const std::uint64_t bytes = from.made->record.rendered.middle.size() + kHeaderBytes;
    if (from.made->next_piece == 0 && !from.marks.may_send(bytes)) return false;
    if (!push_record(from)) {
      blocked_ = true;
      return false;
    }
    from.marks.note_sent(from.made->seq, bytes, now);
    from.made.reset();
    ++counters_.sent_records;
  }
  return true;
}

// False when nothing can be sent now. A record that cannot be read any more leaves a hole, which
// the sink is carried over by `base` once all before it are durable.
bool Destination::make_next(Outgoing& from) {
  RecordIndex& index = from.generation.index;
  while (const auto held = index.next(from.sink, from.marks.sent())) {
    const bool next_in_line = held->seq.value == from.marks.sent().value + 1;
    if (!next_in_line && held->seq != index.base(from.sink)) return false;
    auto record = maker_.make(from.reader, *held, from.marks.producer(),
                              from.generation.facts.recovery, most_chunks_);
    if (record) {
      from.made = Made{held->seq, std::move(*record)};
      const std::size_t size = from.made->record.rendered.middle.size();
      from.made->pieces = static_cast<std::uint32_t>(
          std::max<std::size_t>(1, (size + kMostPieceBytes - 1) / kMostPieceBytes));
      return true;
    }
    ++counters_.gaps;
    log_error("record lost in the spool", {{"generation", from.generation.directory},
                                           {"seq", held->seq.value},
                                           {"cause", record.error().message}});
    index.mark_unreadable(from.sink, held->seq);
    // The sink may say that it is over the hole before anything behind it is sent.
    from.marks.note_given_up(held->seq);
  }
  return false;
}

// All pieces of one record follow one another. False when the socket takes no more for now.
bool Destination::push_record(Outgoing& from) {
  Made& made = *from.made;
  while (made.next_piece < made.pieces) {
    const std::string_view piece = std::string_view(made.record.rendered.middle)
                                       .substr(made.next_piece * kMostPieceBytes, kMostPieceBytes);
    WireHeader message = header(from, made.record.kind, made.seq);
    message.piece = made.next_piece;
    message.pieces = made.pieces;
    message.crc = crc32c(piece);
    message.exchange = made.record.exchange;
    if (made.next_piece == 0) message.naming = made.record.rendered.naming;
    if (!link_.push(encode(message), piece)) return false;
    ++made.next_piece;
  }
  return true;
}

}  // namespace albicilla
