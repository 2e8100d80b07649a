// The facts of one exchange, as values: what the data plane knows when a request's head has been
// read (OpenedFacts), the bytes that went either way (PartFacts) and how it closed (ClosedFacts).
// The spool stores exactly these; rendering turns them into the line. Secrets in headers are
// redacted before a fact is made, so no later stage ever holds one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/base/strong.h"
#include "common/http/headers.h"

namespace albicilla {

enum class Ending : std::uint8_t {
  complete = 0,            // the upstream's answer was whole and handed to the client's socket
  client_abort,            // the client left before the answer was whole
  client_abort_after_end,  // the client left after the terminal event, before the last byte
  upstream_error,          // no answer could be had: connect, TLS, framing, timeout
  upstream_truncated,      // the answer broke off
  refused,                 // answered by us: 400, 401, 413, 429, 503 ...
  shutdown,                // cut by the end of the drain time
  interrupted,             // the worker died; found in its spool
};

// The word of the line's exchange.ending.
std::string_view to_string(Ending ending);
std::optional<Ending> ending_from(std::string_view word);

// How the session hint was found (SPEC.md, Sessions); `none` leaves it to the sink.
enum class SessionSource : std::uint8_t {
  none = 0,
  header,         // the configured session header
  x_session_id,   // X-Session-Id
  client_header,  // a known client's own header (Claude Code, Codex)
  body,           // user, metadata.user_id, prompt_cache_key, previous_response_id
  bearer,         // keyed hash of the token
  anonymous,      // anon-<12 hex>, one per request
  no_session,     // a request that needs none
};

struct OpenedFacts {
  ExchangeId id;
  WallTime started_at;
  std::string method;
  std::string path;          // as sent, without the query
  std::string query;         // as sent, without '?'; empty when there was none
  Headers request_headers;   // as the client sent them, secrets redacted
  std::string session_hint;  // true session id, not the file name; empty when source is none
  SessionSource session_source = SessionSource::none;
  std::string dialect;   // Dialect::name()
  std::string upstream;  // base URL, without credentials; empty when refused
  std::string user_id;
  std::string client_app;
  std::string client_ip;
  std::uint32_t attempt = 0;  // x-stainless-retry-count and the like
  std::uint32_t sink = 0;     // index of the sink that gets the record
  std::uint32_t slot = 0;     // worker slot
  bool operator==(const OpenedFacts&) const = default;
};

// What the client said and got; of a translated exchange also what the upstream got and said, and
// what the translation was: its name, the upstream's dialect and its notes, one per line.
enum class Direction : std::uint8_t {
  request = 0,
  response,
  upstream_request,
  upstream_response,
  translation,
};
inline constexpr std::size_t kDirections = 5;

// A part's bytes follow in the entry; numbers count from 0 within an exchange and a direction.
struct PartFacts {
  ExchangeId id;
  Direction direction = Direction::request;
  std::uint32_t number = 0;
  Microseconds at{0};  // since started_at
  bool operator==(const PartFacts&) const = default;
};

// The head of the answer, as soon as it is known. Only needed for answers that last (event
// streams): when the worker dies, recovery makes a better ClosedFacts from it; closing says all of
// it again.
struct AnsweredFacts {
  ExchangeId id;
  std::uint16_t status = 0;
  bool streaming = false;
  Headers response_headers;  // as the upstream sent them, secrets redacted
  bool operator==(const AnsweredFacts&) const = default;
};

struct ClosedFacts {
  ExchangeId id;
  Seq seq;                 // of the generation that wrote the entry
  std::uint32_t sink = 0;  // same as in OpenedFacts
  WallTime closed_at;
  Ending ending = Ending::complete;
  std::uint16_t status = 0;  // what the client got; 0 when no head was sent
  bool streaming = false;    // the answer was an event stream
  Headers response_headers;  // as the upstream sent them, secrets redacted
  Microseconds duration{0};
  std::optional<Microseconds> first_byte;  // ttft: first body byte of the answer, since started_at
  std::uint64_t request_bytes = 0;  // body bytes on the wire, also those that were not captured
  std::uint64_t response_bytes = 0;
  std::uint64_t chunks = 0;        // reads of the answer's body from the upstream
  bool request_truncated = false;  // the capture cap cut the logged copy
  bool response_truncated = false;
  std::string error;  // one clear line, empty when all went well
  bool operator==(const ClosedFacts&) const = default;
};

// Exchanges that have no record, by name: they passed while the spool took nothing, or stood where
// it is damaged. A gap is a record of its own and ends as a line of the log's gaps.
struct GapFacts {
  ExchangeId id;  // of the gap itself
  Seq seq;        // 0 as long as the gap is open
  std::uint32_t sink = 0;
  std::uint32_t slot = 0;
  WallTime since;
  WallTime until;
  std::optional<std::uint64_t> exchanges;  // how many have no record; nullopt: nobody knows
  std::uint64_t bytes = 0;                 // of the spool that cannot be read
  std::string cause;
  bool operator==(const GapFacts&) const = default;
};

// A piece of the answer, as it was handed to the client.
struct AnswerChunk {
  Microseconds at{0};  // since started_at
  std::uint64_t bytes = 0;
  bool operator==(const AnswerChunk&) const = default;
};

// An exchange put together again from its spool entries.
struct ExchangeFacts {
  OpenedFacts opened;
  ClosedFacts closed;
  std::string request_body;
  std::string response_body;
  ProducerId producer;
  // Of a translated exchange, else empty.
  std::string upstream_request_body;
  std::string upstream_response_body;
  std::string translation;
  std::vector<AnswerChunk> answer_chunks;  // of response_body, from its first byte on
};

}  // namespace albicilla
