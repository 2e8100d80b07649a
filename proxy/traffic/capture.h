// Turns what happens to one exchange into the facts that the outbox keeps: opened, parts, closed,
// each in its order, with true sizes even where the copy is capped. Never touches the traffic.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/dialect/registry.h"
#include "common/record/record.h"
#include "proxy/outbox/exchange_log.h"
#include "proxy/traffic/exchange.h"
#include "proxy/traffic/parts.h"
#include "proxy/traffic/planned_translation.h"
#include "proxy/traffic/web_socket_frames.h"

namespace albicilla {

// What was opened is closed exactly once: by the first close().
class Capture {
 public:
  enum class Kind {
    traffic,
    unlogged,      // the spool is full: counted, not logged
    own_endpoint,  // not logged, not counted
  };

  // `parts` must outlive it.
  Capture(TrafficParts& parts, Kind kind);

  // `upstream`: base URL, empty when it is refused. `exchange` need not outlive the call.
  void open(const Exchange& exchange, std::string_view upstream);

  void request_bytes(std::string_view bytes);
  // Of a translated exchange: the translation and what goes upstream; what came from there.
  void translated(const PlannedTranslation& translation, std::string_view upstream_request);
  void upstream_bytes(std::string_view bytes) { part(Direction::upstream_response, bytes); }

  // The final head of the answer, as the upstream sent it.
  void response_head(const ResponseHead& head);
  // Counts one read of the answer's body; what it brought follows in response_bytes.
  void response_read() { ++closed_.chunks; }
  // Looks for the stream's terminal event in bytes that response_bytes brings next: true from the
  // call on that brought it. Nothing is said to the log.
  bool ends_in(std::string_view bytes);
  // Not looked at yet by ends_in: response_bytes does both. True as there.
  bool response_bytes(std::string_view bytes);
  // Looked at already.
  void keep_response(std::string_view bytes);
  bool ended_by_event() const { return ended_by_event_; }
  bool streaming() const { return closed_.streaming; }

  // Of a WebSocket: bytes went past in one direction, and a piece of a message was among them.
  void socket_read(Direction direction, std::size_t bytes);
  void message(Direction direction, const FramePiece& piece);
  // Closes the record and goes on in another of its own about the same request.
  void renew();

  // What the client got instead of an upstream's answer.
  void own_status(std::uint16_t status) { closed_.status = status; }

  void close(Ending ending, std::string_view error = {});
  bool is_open() const { return open_; }
  Kind kind() const { return kind_; }
  const Dialect& dialect() const { return *dialect_; }

  // Of the last thing said.
  SpoolPosition position() const { return position_; }
  Task<Status> written() { return log_.written(position_); }
  bool is_written() const { return log_.is_written(position_); }
  // More of the answer must not go to the client yet (ExchangeLog::late).
  bool is_late() const { return !is_written() && log_.late(); }
  ExchangeLog& log() { return log_; }

  const ClosedFacts& outcome() const { return closed_; }

 private:
  void part(Direction direction, std::string_view bytes);
  void count() const;

  TrafficParts& parts_;
  ExchangeLog& log_;
  const Kind kind_;
  std::uint64_t most_bytes_;
  SteadyTime started_;
  OpenedFacts opened_;
  const Dialect* dialect_ = nullptr;
  std::unique_ptr<TerminalScanner> scanner_;
  ClosedFacts closed_;
  std::array<std::uint64_t, kDirections> kept_{};
  std::array<std::uint32_t, kDirections> numbers_{};
  SpoolPosition position_ = 0;
  bool open_ = false;
  bool ended_by_event_ = false;
};

}  // namespace albicilla
