#include "sink/log/commit_entry.h"

#include "common/base/bytes.h"

namespace albicilla {

namespace {

constexpr std::size_t kFrameBytes = 1 + 8;  // kind, length
constexpr std::size_t kRecordBytes = 16 + 8 + 16;
constexpr std::size_t kGapBytes = 16 + 8 + 8;
constexpr std::size_t kStartBytes = 8 + 8;
constexpr std::size_t kRetiredBytes = 16 + 8;
constexpr std::size_t kOpenedBytes = 8;
constexpr std::size_t kWriteBytes = 4 + 8 + 8;  // file's length, offset, line's length

std::size_t payload_bytes(const CommitEntry& entry) {
  const std::size_t write = kWriteBytes + entry.write.file.size() + entry.write.line.size();
  switch (entry.kind) {
    case CommitKind::start:
      return kStartBytes;
    case CommitKind::seal:
      return 4 + entry.day.size();
    case CommitKind::owner:
      return 16 + 4 + entry.owner.size();
    case CommitKind::retired:
      return kRetiredBytes + (entry.opened ? kOpenedBytes : 0);
    case CommitKind::session:
      return 8 + 4 + entry.session.size() + 4 + entry.text.size();
    case CommitKind::prefix:
      return 4 + entry.session.size() + 4 + entry.text.size();
    case CommitKind::record:
    case CommitKind::quarantine:
      return kRecordBytes + write;
    case CommitKind::gap:
      return kGapBytes + write;
  }
  return 0;
}

template <class Id>
Id take_id(ByteReader& reader) {
  return id_from_bytes<Id>(reader.bytes(16)).value_or(Id{});
}

LineWrite take_write(ByteReader& reader) {
  LineWrite write;
  write.file = reader.string();
  write.offset = reader.integer<std::uint64_t>();
  write.line = reader.bytes(reader.integer<std::uint64_t>());
  return write;
}

bool is_known(std::uint8_t kind) {
  switch (static_cast<CommitKind>(kind)) {
    case CommitKind::start:
    case CommitKind::record:
    case CommitKind::gap:
    case CommitKind::quarantine:
    case CommitKind::seal:
    case CommitKind::owner:
    case CommitKind::retired:
    case CommitKind::session:
    case CommitKind::prefix:
      return true;
  }
  return false;
}

void append_time(std::string& out, WallTime at) {
  append_integer(out, static_cast<std::uint64_t>(at.time_since_epoch().count()));
}

WallTime take_time(ByteReader& reader) {
  return WallTime(Microseconds(static_cast<std::int64_t>(reader.integer<std::uint64_t>())));
}

bool is_about_a_session(CommitKind kind) {
  return kind == CommitKind::session || kind == CommitKind::prefix;
}

void append_session(std::string& out, const CommitEntry& entry) {
  if (entry.kind == CommitKind::session) append_time(out, entry.at);
  append_string(out, entry.session);
  append_string(out, entry.text);
}

void take_session(ByteReader& reader, CommitEntry& entry) {
  if (entry.kind == CommitKind::session) entry.at = take_time(reader);
  entry.session = reader.string();
  entry.text = reader.string();
}

}  // namespace

std::size_t commit_entry_bytes(const CommitEntry& entry) {
  return kFrameBytes + payload_bytes(entry);
}

void append_commit_entry(std::string& out, const CommitEntry& entry) {
  append_integer(out, static_cast<std::uint8_t>(entry.kind));
  append_integer(out, std::uint64_t{payload_bytes(entry)});
  if (entry.kind == CommitKind::start) {
    append_integer(out, entry.epoch);
    append_time(out, entry.at);
    return;
  }
  if (is_about_a_session(entry.kind)) return append_session(out, entry);
  if (entry.kind == CommitKind::seal) {
    append_string(out, entry.day);
    return;
  }
  out += entry.producer.view();
  if (entry.kind == CommitKind::owner) {
    append_string(out, entry.owner);
    return;
  }
  append_integer(out, entry.seq.value);
  if (entry.kind == CommitKind::retired) {
    if (entry.opened) append_integer(out, *entry.opened);
    return;
  }
  if (entry.kind == CommitKind::gap) {
    append_integer(out, entry.last.value);
  } else {
    out += entry.exchange.view();
  }
  append_string(out, entry.write.file);
  append_integer(out, entry.write.offset);
  append_integer(out, std::uint64_t{entry.write.line.size()});
  out += entry.write.line;
}

Result<CommitEntry> CommitEntryReader::next() {
  ByteReader frame(rest_);
  const auto kind = frame.integer<std::uint8_t>();
  const std::string_view payload = frame.bytes(frame.integer<std::uint64_t>());
  if (!frame.ok()) return our_error("commit log entry: its length passes the end of its group");
  if (!is_known(kind)) {
    return our_error("commit log entry: kind " + std::to_string(kind) +
                     " is not known to this version");
  }
  CommitEntry entry;
  entry.kind = static_cast<CommitKind>(kind);
  ByteReader reader(payload);
  if (entry.kind == CommitKind::start) {
    entry.epoch = reader.integer<std::uint64_t>();
    entry.at = take_time(reader);
  } else if (entry.kind == CommitKind::seal) {
    entry.day = reader.string();
  } else if (is_about_a_session(entry.kind)) {
    take_session(reader, entry);
  } else if (entry.kind == CommitKind::owner) {
    entry.producer = take_id<ProducerId>(reader);
    entry.owner = reader.string();
  } else if (entry.kind == CommitKind::retired) {
    entry.producer = take_id<ProducerId>(reader);
    entry.seq = Seq{reader.integer<std::uint64_t>()};
    if (reader.left() > 0) entry.opened = reader.integer<std::uint64_t>();
  } else {
    entry.producer = take_id<ProducerId>(reader);
    entry.seq = Seq{reader.integer<std::uint64_t>()};
    if (entry.kind == CommitKind::gap) {
      entry.last = Seq{reader.integer<std::uint64_t>()};
    } else {
      entry.exchange = take_id<ExchangeId>(reader);
    }
    entry.write = take_write(reader);
  }
  if (!reader.finished()) return our_error("commit log entry: its fields do not fill its length");
  rest_.remove_prefix(kFrameBytes + payload.size());
  return entry;
}

}  // namespace albicilla
