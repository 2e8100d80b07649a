#include "sink/log/decisions.h"

#include <algorithm>
#include <optional>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "sink/layout/session.h"
#include "sink/log/file_tail.h"
#include "sink/log/line.h"

namespace albicilla {

Decisions::Decisions(SinkState& state, FileSystem& files, const Clock& clock,
                     SinkCounters& counters, Place place)
    : state_(state),
      files_(files),
      clock_(clock),
      counters_(counters),
      place_(std::move(place)),
      closed_until_(state.sealed_until) {}

void Decisions::close_days(std::string_view last) {
  if (last > closed_until_) closed_until_ = last;
}

Status Decisions::claim(const ProducerId& producer, std::string_view owner, std::string& group) {
  CommitEntry entry;
  entry.kind = CommitKind::owner;
  entry.producer = producer;
  entry.owner = owner;
  append_commit_entry(group, entry);
  return state_.apply(entry);
}

Status Decisions::retire(const WireHeader& last, std::string& group) {
  const auto known = state_.producers.all().find(last.producer);
  if (known == state_.producers.all().end() || known->second.retired != 0) return {};
  if (known->second.accepted != last.seq) return {};
  CommitEntry entry;
  entry.kind = CommitKind::retired;
  entry.producer = last.producer;
  entry.seq = last.seq;
  entry.opened = last.opened;
  append_commit_entry(group, entry);
  return state_.apply(entry);
}

Status Decisions::note_base(const ProducerId& producer, Seq base, std::string& group) {
  const auto gap = state_.producers.gap_before(producer, base);
  if (!gap) return {};
  const WallTime now = clock_.wall();
  line_.clear();
  append_gap_line(line_, now, producer, *gap);
  CommitEntry entry;
  entry.kind = CommitKind::gap;
  entry.producer = producer;
  entry.seq = gap->first;
  entry.last = gap->last;
  if (const Status decided = append(entry, gaps_file(day_of(now)), group); !decided) {
    return decided;
  }
  const std::uint64_t missing = gap->last.value - gap->first.value + 1;
  ++counters_.gaps;
  counters_.missing += missing;
  log_error("records are lost for good, gap written", {{"producer", hex_text(producer.bytes)},
                                                       {"from", gap->first.value},
                                                       {"to", gap->last.value}});
  return {};
}

Verdict Decisions::judge(const WireHeader& header) const {
  return state_.producers.judge(header.producer, header.seq, header.exchange);
}

Status Decisions::take(const WireHeader& header, std::string_view bytes, std::string& group) {
  const std::optional<std::string> fault = piece_fault(header, bytes);
  return decide(header, bytes, fault ? &*fault : nullptr, group);
}

Status Decisions::take_oversized(const WireHeader& header, std::string& group) {
  const std::string fault =
      "the record is over the sink's limit, about " + std::to_string(header.pieces) + " MiB";
  return decide(header, {}, &fault, group);
}

Status Decisions::decide(const WireHeader& header, std::string_view bytes, const std::string* fault,
                         std::string& group) {
  const bool next = judge(header) == Verdict::next;
  const SessionOf whose = session_of(header);
  const std::string& session = whose.id;
  const std::string day = day_of(header.naming.closed_at);
  const bool repeated =
      header.kind == MessageKind::recovered && next && state_.producers.knows(header.exchange);
  line_.clear();
  if (repeated) {
    append_repeat_line(line_, header);
  } else if (fault != nullptr) {
    append_unusable_line(line_, header, session, bytes, *fault);
  } else if (header.kind == MessageKind::gap) {
    append_named_gap_line(line_, header, bytes);
  } else {
    append_line(line_, header, session, bytes);
  }
  const bool gap = next && (repeated || (header.kind == MessageKind::gap && fault == nullptr));
  CommitEntry entry;
  entry.kind = gap ? CommitKind::gap : next ? CommitKind::record : CommitKind::quarantine;
  entry.producer = header.producer;
  entry.seq = header.seq;
  if (gap) entry.last = header.seq;
  if (!gap) entry.exchange = header.exchange;
  const std::string file =
      !next ? quarantine_file(day)
      : gap ? gaps_file(day)
            : session_file({day, state_.prefixes.of(session), session, place_.sharding});
  if (const Status decided = append(entry, file, group); !decided) return decided;
  if (gap) {
    ++counters_.gaps;
    ++counters_.missing;
  } else if (next) {
    ++counters_.records;
    counters_.record_bytes += bytes.size();
    if (fault != nullptr) ++counters_.unusable;
    return note_session(whose, header.naming.conversation, group);
  } else {
    ++counters_.quarantined;
    log_error("two exchanges claim one seq, the second is quarantined",
              {{"producer", hex_text(header.producer.bytes)},
               {"seq", header.seq.value},
               {"exchange", uuid_text(header.exchange.bytes)}});
  }
  return {};
}

Status Decisions::append(CommitEntry entry, const std::string& file, std::string& group) {
  const auto head = settled_head(file);
  if (!head) return head.error();
  const std::size_t chained_bytes = line_.size();
  append_chain(line_, {head->chain.n + 1, {}});
  line_ += '\n';
  entry.write = {file, head->size, line_};
  append_commit_entry(group, entry);  // ends with the line
  chains_.add({file, head->chain, line_.size(), chained_bytes}, group);
  const Status applied = state_.apply(entry);
  if (chains_.enough()) chain_lines(group);
  return applied;
}

void Decisions::chain_lines(std::string& group) { chains_.settle(group, state_.files); }

// A file may have been changed while nobody looked; from its first line on it is ours alone.
Result<FileHead> Decisions::settled_head(const std::string& file) {
  FileHead head = state_.files.head(file);
  if (state_.files.settled(file)) return head;
  const auto tail = settle_tail(files_, place_.log_root + "/" + file, head.size);
  if (!tail) return tail.error();
  if (tail->torn_bytes > 0) {
    ++counters_.torn_files;
    log_warning("log file had bytes that the commit log does not know, moved aside",
                {{"file", tail->torn_file}, {"torn_bytes", tail->torn_bytes}});
  }
  if (tail->size < head.size) {
    ++counters_.shrunk_files;
    log_error("log file is shorter than the commit log knows, its chain goes on behind",
              {{"file", file}, {"bytes", tail->size}, {"expected_bytes", head.size}});
    head.size = tail->size;
  }
  return head;
}

Decisions::SessionOf Decisions::session_of(const WireHeader& header) {
  const RecordNaming& naming = header.naming;
  SessionOf session;
  if (!naming.conversation.empty()) {
    if (auto hint = parse_conversation_hint(naming.conversation)) {
      session.hint = *std::move(hint);
    } else {
      ++counters_.bad_messages;
    }
  }
  session.id = naming.session_hint;
  if (!session.id.empty()) return session;
  if (naming.session_source == SessionSource::no_session) {
    session.id = "no-session";
  } else if (session.hint) {
    SessionChoice choice = state_.sessions.choose(*session.hint, clock_.wall());
    session.id = choice.id.empty() ? fresh_session(header, choice.match) : std::move(choice.id);
    if (choice.match == SessionMatch::similar) ++counters_.session_fuzzy;
    if (choice.match == SessionMatch::continued || choice.match == SessionMatch::awaited) {
      ++counters_.session_hits;
    }
  } else {
    session.id =
        "anon-" + hex_prefix(hmac_sha256(place_.session_secret, header.exchange.view()), 12);
  }
  return session;
}

std::string Decisions::fresh_session(const WireHeader& header, SessionMatch match) {
  if (match == SessionMatch::missed) ++counters_.session_misses;
  return "session-" + hex_prefix(hmac_sha256(place_.session_secret, header.exchange.view()), 16);
}

// Behind its record, in the same group: both are there after a restart or neither.
Status Decisions::note_session(const SessionOf& session, const std::string& bytes,
                               std::string& group) {
  if (!session.hint) return {};
  CommitEntry entry;
  entry.kind = CommitKind::session;
  entry.at = clock_.wall();
  entry.session = session.id;
  entry.text = bytes;
  append_commit_entry(group, entry);
  const Status applied = state_.apply(entry);
  counters_.sessions_active = state_.sessions.size();
  counters_.sessions_created = state_.sessions.created();
  counters_.sessions_expired = state_.sessions.expired();
  return applied;
}

Status Decisions::set_prefix(std::string_view session, std::string_view prefix,
                             std::string& group) {
  CommitEntry entry;
  entry.kind = CommitKind::prefix;
  entry.session = session;
  entry.text = prefix;
  append_commit_entry(group, entry);
  return state_.apply(entry);
}

// By the worker's clock, but never a day that has not come here yet, and none that is over.
std::string Decisions::day_of(WallTime closed_at) const {
  const std::string day = utc_day(std::clamp(closed_at, WallTime{}, clock_.wall()));
  return day > closed_until_ ? day : day_after(closed_until_);
}

}  // namespace albicilla
