#include "sink/log/sink_state.h"

namespace albicilla {

namespace {

Status advance_file(FileTable& files, const LineWrite& write) {
  const auto split = write.line.ends_with('\n')
                         ? split_chained_line(write.line.substr(0, write.line.size() - 1))
                         : std::nullopt;
  if (!split)
    return our_error("commit log entry: its line for " + std::string(write.file) +
                     " does not end in a chain");
  const std::uint64_t expected = files.head(write.file).chain.n + 1;
  if (split->head.n != expected) {
    return our_error("commit log entry: line " + std::to_string(split->head.n) + " of " +
                     std::string(write.file) + " where line " + std::to_string(expected) +
                     " is next");
  }
  files.advance(write.file, write.offset + write.line.size(), split->head);
  return {};
}

Status wrong_seq(const CommitEntry& entry, Seq accepted) {
  return our_error("commit log entry: seq " + std::to_string(entry.seq.value) + " of producer " +
                   hex_text(entry.producer.bytes) + " does not follow " +
                   std::to_string(accepted.value));
}

}  // namespace

Status SinkState::apply(const CommitEntry& entry) {
  const Seq accepted = producers.accepted(entry.producer);
  switch (entry.kind) {
    case CommitKind::start:
      epoch = entry.epoch;
      return {};
    case CommitKind::record:
      if (entry.seq.value != accepted.value + 1) return wrong_seq(entry, accepted);
      producers.accept(entry.producer, entry.seq, entry.exchange);
      break;
    case CommitKind::gap:
      if (entry.seq.value != accepted.value + 1 || entry.last < entry.seq) {
        return wrong_seq(entry, accepted);
      }
      producers.skip(entry.producer, {entry.seq, entry.last});
      break;
    case CommitKind::quarantine:
      break;
    case CommitKind::owner:
      producers.claim(entry.producer, entry.owner);
      return {};
    case CommitKind::retired:
      if (entry.seq != accepted) return wrong_seq(entry, accepted);
      producers.retire(entry.producer, entry.opened);
      return {};
    case CommitKind::session: {
      const auto hint = parse_conversation_hint(entry.text);
      if (!hint) return our_error("commit log entry: " + hint.error().message);
      sessions.note(entry.session, *hint, entry.at);
      return {};
    }
    case CommitKind::prefix:
      prefixes.set(entry.session, entry.text);
      return {};
    case CommitKind::seal:
      sealed_until = entry.day;
      files.drop_days(sealed_until);
      return {};
  }
  return advance_file(files, entry.write);
}

}  // namespace albicilla
