#include "tests/support/sink_root.h"

#include "common/base/crc32c.h"
#include "sink/log/rebuild.h"

namespace albicilla::tests {

ProducerId producer_id(std::uint8_t number) {
  ProducerId id;
  id.bytes.fill(number);
  return id;
}

ExchangeId exchange_id(std::uint8_t producer, std::uint64_t seq) {
  ExchangeId id;
  id.bytes.fill(producer);
  std::memcpy(id.bytes.data() + 8, &seq, sizeof seq);
  return id;
}

WireHeader record_header(std::uint8_t producer, std::uint64_t seq, const std::string& session) {
  WireHeader header;
  header.kind = MessageKind::record;
  header.producer = producer_id(producer);
  header.seq = Seq{seq};
  header.base = Seq{1};
  header.exchange = exchange_id(producer, seq);
  header.crc = crc32c(record_piece(producer, seq));
  header.naming.started_at = WallTime(Microseconds(1768298300000000));
  header.naming.closed_at = WallTime(Microseconds(1768298400000000));
  header.naming.session_hint = session;
  header.naming.session_source = SessionSource::header;
  return header;
}

std::string record_piece(std::uint8_t producer, std::uint64_t seq) {
  return "\"request\":{\"pad\":\"" + std::string(seq * 37 % 300, 'x') +
         "\"},\"response\":null,\"exchange\":{\"id\":\"" +
         uuid_text(exchange_id(producer, seq).bytes) + "\",\"producer\":\"" +
         hex_text(producer_id(producer).bytes) + "\",\"seq\":" + std::to_string(seq) +
         ",\"status\":200}";
}

SinkRoot::SinkRoot(FileSystem& files, std::string root, std::uint64_t segment_bytes)
    : files_(files), root_(std::move(root)), segment_bytes_(segment_bytes) {}

Status SinkRoot::start() {
  decisions_.reset();
  log_.reset();
  unwritten_.clear();
  group_.assign(kGroupHeaderBytes, '\0');
  if (const Status made = files_.make_directories(commit_directory()); !made) return made;
  const auto identity = load_identity(files_, root_);
  if (!identity) return identity.error();
  checkpoints_ = std::make_unique<Checkpoints>(files_, root_, commit_directory(), identity->sink);
  writer_ = std::make_unique<LogWriter>(files_, root_, 3);
  recovery_ = std::make_unique<Recovery>(
      files_, root_, CommitLogPlace{commit_directory(), identity->sink, segment_bytes_},
      *checkpoints_, *writer_);
  if (const Status recovered = recovery_->run(clock_.wall()); !recovered) return recovered;
  state_ = recovery_->take_state();
  log_ = std::make_unique<CommitLog>(recovery_->take_log());
  auto sealer = Sealer::open(files_, {root_, root_ + "/.sink/signing_key", identity->sink},
                             state_.files, clock_.wall());
  if (!sealer) return sealer.error();
  sealer_.emplace(std::move(*sealer));
  decisions_ = std::make_unique<Decisions>(state_, files_, clock_, counters_,
                                           Decisions::Place{root_, identity->session_secret});
  decisions_->close_days(sealer_->final_until());
  return {};
}

Status SinkRoot::rebuild() {
  const auto identity = load_identity(files_, root_);
  if (!identity) return identity.error();
  Checkpoints checkpoints(files_, root_, commit_directory(), identity->sink);
  const Status rebuilt =
      albicilla::rebuild(files_, root_, commit_directory(), checkpoints, clock_.wall());
  return rebuilt ? start() : rebuilt;
}

Status SinkRoot::take(std::uint8_t producer, std::uint64_t seq, const std::string& session) {
  return take(record_header(producer, seq, session), record_piece(producer, seq));
}

Status SinkRoot::take(const WireHeader& header, const std::string& piece) {
  return decisions_->take(header, piece, group_);
}

Status SinkRoot::note_base(std::uint8_t producer, std::uint64_t base) {
  return decisions_->note_base(producer_id(producer), Seq{base}, group_);
}

Status SinkRoot::retire(std::uint8_t producer, std::uint64_t seq,
                        std::optional<std::uint64_t> opened) {
  WireHeader last;
  last.kind = MessageKind::hello;
  last.producer = producer_id(producer);
  last.seq = Seq{seq};
  last.retired = true;
  last.opened = opened;
  return decisions_->retire(last, group_);
}

Status SinkRoot::commit() {
  decisions_->chain_lines(group_);
  if (const Status room = log_->ensure_room(group_.size()); !room) return room;
  const auto appended = log_->append(group_);
  if (!appended) return appended.error();
  if (const Status synced = log_->sync(); !synced) return synced;
  for (const auto& [producer, state] : state_.producers.all()) {
    promised_[producer] = state.accepted;
  }
  unwritten_.push_back(std::move(group_));
  group_.assign(kGroupHeaderBytes, '\0');
  return {};
}

Status SinkRoot::write_lines() {
  for (const std::string& group : unwritten_) {
    const Status written = writer_->write_group(std::string_view(group).substr(kGroupHeaderBytes));
    if (!written) return written;
  }
  unwritten_.clear();
  return {};
}

Status SinkRoot::finish_group() {
  if (const Status committed = commit(); !committed) return committed;
  return write_lines();
}

Status SinkRoot::checkpoint(Checkpoint kind) { return state_what_is(kind, {}); }

Status SinkRoot::state_what_is(Checkpoint kind, const std::string& final_until) {
  decisions_->chain_lines(group_);
  StateSnapshot snapshot;
  snapshot.position = log_->end();
  snapshot.next_group = log_->next_group();
  snapshot.epoch = state_.epoch;
  snapshot.sealed_until = state_.sealed_until;
  for (const auto& producer : state_.producers.all()) snapshot.producers.push_back(producer);
  snapshot.changed = state_.files.take_changed();
  SealWork work;
  work.now = clock_.wall();
  work.changed = snapshot.changed;
  work.final_until = final_until;
  for (const auto& [producer, state] : state_.producers.all()) {
    work.marks.push_back({producer, state.accepted, state.records, state.missing});
  }
  if (const Status sealed = sealer_->seal(std::move(work)); !sealed) return sealed;
  if (kind == Checkpoint::signed_only) {
    checkpoints_->keep(snapshot.changed);
    return {};
  }
  log_->roll();
  return checkpoints_->write(std::move(snapshot));
}

Status SinkRoot::seal_days(const std::string& last) {
  decisions_->close_days(last);
  if (const Status finished = finish_group(); !finished) return finished;
  if (const Status stated = state_what_is(Checkpoint::written, last); !stated) return stated;
  CommitEntry entry;
  entry.kind = CommitKind::seal;
  entry.day = last;
  append_commit_entry(group_, entry);
  if (const Status applied = state_.apply(entry); !applied) return applied;
  return finish_group();
}

std::vector<std::string> chain_faults(const std::string& file, const std::string& content) {
  std::vector<std::string> faults;
  ChainHead head = chain_start(file);
  std::size_t at = 0;
  while (at < content.size()) {
    const std::size_t newline = content.find('\n', at);
    if (newline == std::string::npos) {
      faults.push_back(file + ": its last line has no newline");
      break;
    }
    const std::string_view line = std::string_view(content).substr(at, newline - at);
    at = newline + 1;
    const auto split = split_chained_line(line);
    if (!split) {
      faults.push_back(file + ": no chain in '" + std::string(line.substr(0, 200)) + "'");
      continue;
    }
    head = chain_next(head, sha256(split->chained));
    if (split->head != head) faults.push_back(file + ": line " + std::to_string(head.n));
  }
  return faults;
}

}  // namespace albicilla::tests
