// What worker and sink say to each other over ZeroMQ. Records go PUSH -> PULL, watermarks come back
// PUB -> SUB. msgpack headers (always parsed with limits), one version byte. FORMAT.md has the
// fields. Pure: bytes <-> values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/digest.h"
#include "common/base/result.h"
#include "common/record/record.h"

namespace albicilla {

inline constexpr std::uint8_t kWireVersion = 1;
// A record's rendered line travels in frames of at most this many bytes.
inline constexpr std::size_t kMostPieceBytes = std::size_t{1} << 20;

// How much of a watermark a worker reads, as it says in hellos and probes: workers before this one
// said nothing and read the first kind only, to the last field.
enum class WatermarkShape : std::uint8_t {
  first = 1,  // up to the counts of sessions
  open = 2,   // and whatever a later sink adds
};

enum class MessageKind : std::uint8_t {
  record = 1,  // one piece of a record
  hello = 2,   // a worker has connected: answer with this producer's watermark at once
  probe = 3,   // idle worker: echo the highest probe back, so that lost and slow can be told apart
  gap = 4,     // as record, but its line names exchanges that have no record
  // As record, of an exchange whose worker died: a damaged or restored spool may have forgotten
  // that its record had been delivered, so the sink looks before it writes a line.
  recovered = 5,
  // A session's file prefix, from a supervisor: naming.session_hint and the piece. Has a Seq of its
  // own count that its watermark covers once it is durable, and makes no line; saying it twice does
  // no harm.
  prefix = 6,
};

// Those have a Seq and a piece of a line; the others are about the connection.
constexpr bool carries_line(MessageKind kind) {
  return kind == MessageKind::record || kind == MessageKind::gap || kind == MessageKind::recovered;
}

// Those have a second frame.
constexpr bool carries_piece(MessageKind kind) {
  return carries_line(kind) || kind == MessageKind::prefix;
}

// What the sink needs without parsing the line: it names the file and decides the session.
struct RecordNaming {
  WallTime started_at;
  WallTime closed_at;  // the line's timestamp
  std::string session_hint;
  SessionSource session_source = SessionSource::none;
  std::string user_id;
  std::string model;
  std::string client_app;
  std::string dialect;
  std::string conversation;  // encode(ConversationHint); empty when the session is known
  bool operator==(const RecordNaming&) const = default;
};

struct WireHeader {
  std::uint8_t version = kWireVersion;
  MessageKind kind = MessageKind::record;
  ProducerId producer;
  Seq seq;               // record: its Seq; probe: highest Seq sent; hello: highest Seq held
  Seq base;              // lowest Seq that the worker still holds; seq+1 when it holds none
  SinkId expected_sink;  // zero before the worker knows its sink
  // Grows each time the worker remakes its sockets, so that the echo of a probe sent before cannot
  // be taken for one that was sent after the resend.
  std::uint32_t round = 0;
  WatermarkShape reads = WatermarkShape::open;  // hello and probe only
  bool retired = false;  // hello only: all up to seq is durable, and nothing will follow it
  // Only when retired: how many exchanges the producer has begun; older workers do not say.
  std::optional<std::uint64_t> opened = std::nullopt;
  // kinds that carry a piece only:
  std::uint32_t piece = 0;  // 0 .. pieces-1
  std::uint32_t pieces = 1;
  std::uint32_t crc = 0;  // crc32c of this piece's frame
  ExchangeId exchange;
  RecordNaming naming;  // filled in piece 0 only
  bool operator==(const WireHeader&) const = default;
};

std::string encode(const WireHeader& header);
// Refuses unknown versions and kinds, over-long strings (64 KiB) and trailing bytes.
Result<WireHeader> parse_wire_header(std::string_view bytes);

// Of the sessions that the sink decides by history.
struct SessionCounts {
  std::uint64_t active = 0;
  std::uint64_t created = 0;
  std::uint64_t expired = 0;
  std::uint64_t hits = 0;    // exchanges whose history was known
  std::uint64_t misses = 0;  // exchanges with a history that nobody knows
  std::uint64_t fuzzy = 0;   // exchanges found by likeness
  bool operator==(const SessionCounts&) const = default;
};

// The newest signed checkpoint of the log, for witnesses; number 0: there is none yet.
struct SeenCheckpoint {
  std::uint64_t number = 0;
  Digest hash{};
  bool operator==(const SeenCheckpoint&) const = default;
};

// Second frame of a PUB message; the first frame (the topic) is the producer's 16 bytes.
struct Watermark {
  std::uint8_t version = kWireVersion;
  ProducerId producer;
  SinkId sink;
  std::uint64_t epoch = 0;  // grows by one at every start of the sink on its log root
  Seq durable;              // highest contiguous Seq that is in the synced commit log
  Seq probe;                // highest probe of the highest round seen in this epoch ...
  std::uint32_t round = 0;  // ... and that round; hellos and records do not count
  Seq accepted;             // highest contiguous Seq taken in (>= durable)
  bool accepting = true;    // false: keep your records, try later
  std::uint64_t window_bytes = 8U << 20;  // how much may be in flight
  std::string session_secret;             // keys derived session ids; empty until the sink has one
  SessionCounts sessions;
  SeenCheckpoint checkpoint;
  // Of a streamed answer a record shall hold so many chunks as they came; 0: none.
  std::uint64_t most_chunks = 0;
  WatermarkShape shape = WatermarkShape::open;  // to be written in; not on the wire
  bool operator==(const Watermark&) const = default;
};

std::string encode(const Watermark& watermark);
Result<Watermark> parse_watermark(std::string_view bytes);

}  // namespace albicilla
