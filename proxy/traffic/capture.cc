#include "proxy/traffic/capture.h"

#include <algorithm>

#include "common/http/url.h"
#include "common/record/message_entry.h"
#include "common/redact/redact.h"
#include "common/session/agent_node.h"
#include "common/session/session_sink.h"

namespace albicilla {
namespace {

// Well below what a part may hold, so that one body never makes one huge entry.
constexpr std::size_t kMostPieceOfPart = std::size_t{4} << 20;

Counter counter_after(Counter first, std::size_t steps) {
  return static_cast<Counter>(static_cast<std::size_t>(first) + steps);
}

Counter ending_counter(Ending ending) {
  return counter_after(Counter::ending_complete, static_cast<std::size_t>(ending));
}

bool is_event_stream(const Headers& headers) {
  const auto type = find_header(headers, "content-type");
  constexpr std::string_view kEventStream = "text/event-stream";
  return type && type->size() >= kEventStream.size() &&
         same_name(type->substr(0, kEventStream.size()), kEventStream);
}

}  // namespace

Capture::Capture(TrafficParts& parts, Kind kind)
    : parts_(parts),
      log_(kind == Kind::traffic ? parts.log : parts.no_log),
      kind_(kind),
      most_bytes_(parts.settings.limits.capture_bytes) {}

void Capture::open(const Exchange& exchange, std::string_view upstream) {
  started_ = exchange.started;
  dialect_ = exchange.dialect;
  closed_.id = exchange.id;
  OpenedFacts& facts = opened_;
  facts.id = exchange.id;
  facts.started_at = exchange.started_at;
  facts.method = exchange.head.method;
  const TargetParts target = split_target(exchange.head.target);
  facts.path = target.path;
  facts.query = redact_query(target.query);
  facts.request_headers = redact_headers(exchange.head.headers);
  facts.session_hint = exchange.session.id;
  facts.session_source = exchange.session.source;
  facts.dialect = exchange.dialect->name();
  facts.upstream = upstream;
  facts.user_id = exchange.user_id;
  facts.client_app = exchange.client_app;
  facts.client_ip = exchange.client_ip;
  facts.attempt = exchange.attempt;
  facts.slot = parts_.settings.slot;
  facts.sink = sink_of_session(facts.session_hint, facts.session_source, parts_.settings.sinks);
  closed_.sink = facts.sink;
  position_ = log_.opened(facts);
  open_ = true;
  if (kind_ == Kind::own_endpoint) return;
  parts_.counters.change(Gauge::exchanges_active, 1);
  if (agent_node(exchange.head.headers).is_sub_agent()) parts_.counters.add(Counter::sub_agents);
}

void Capture::part(Direction direction, std::string_view bytes) {
  const auto index = static_cast<std::size_t>(direction);
  const std::uint64_t room = most_bytes_ - std::min(most_bytes_, kept_[index]);
  if (bytes.size() > room) {
    const bool asks = direction == Direction::request || direction == Direction::upstream_request;
    (asks ? closed_.request_truncated : closed_.response_truncated) = true;
    bytes = bytes.substr(0, room);
  }
  kept_[index] += bytes.size();
  PartFacts facts;
  facts.id = closed_.id;
  facts.direction = direction;
  facts.at = std::chrono::duration_cast<Microseconds>(parts_.clock.steady() - started_);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kMostPieceOfPart);
    facts.number = numbers_[index]++;
    position_ = log_.part(facts, piece);
    bytes.remove_prefix(piece.size());
  }
}

void Capture::request_bytes(std::string_view bytes) {
  closed_.request_bytes += bytes.size();
  part(Direction::request, bytes);
}

void Capture::translated(const PlannedTranslation& translation, std::string_view upstream_request) {
  part(Direction::translation, translation.record);
  part(Direction::upstream_request, upstream_request);
}

void Capture::response_head(const ResponseHead& head) {
  closed_.status = head.status;
  closed_.response_headers = redact_headers(head.headers);
  const bool web_socket = head.status == 101;
  closed_.streaming = web_socket || is_event_stream(head.headers);
  if (!closed_.streaming) return;
  if (!web_socket) scanner_ = std::make_unique<TerminalScanner>(*dialect_);
  if (!open_) return;
  position_ = log_.answered({closed_.id, head.status, true, closed_.response_headers});
}

bool Capture::ends_in(std::string_view bytes) {
  if (scanner_ && !ended_by_event_) ended_by_event_ = scanner_->feed(bytes);
  return ended_by_event_;
}

void Capture::keep_response(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!closed_.first_byte) {
    closed_.first_byte = std::chrono::duration_cast<Microseconds>(parts_.clock.steady() - started_);
  }
  closed_.response_bytes += bytes.size();
  part(Direction::response, bytes);
}

bool Capture::response_bytes(std::string_view bytes) {
  keep_response(bytes);
  return ends_in(bytes);
}

void Capture::socket_read(Direction direction, std::size_t bytes) {
  if (direction == Direction::request) {
    closed_.request_bytes += bytes;
    return;
  }
  closed_.response_bytes += bytes;
  ++closed_.chunks;
  if (!closed_.first_byte) {
    closed_.first_byte = std::chrono::duration_cast<Microseconds>(parts_.clock.steady() - started_);
  }
}

void Capture::message(Direction direction, const FramePiece& piece) {
  const auto at = std::chrono::duration_cast<Microseconds>(parts_.clock.steady() - started_);
  std::string entry;
  append_message_piece(entry, {at, piece.kind, piece.ends, piece.bytes, piece.left_out});
  part(direction, entry);
}

void Capture::renew() {
  if (!open_) return;
  ClosedFacts next;
  next.status = closed_.status;
  next.streaming = closed_.streaming;
  next.response_headers = closed_.response_headers;
  close(Ending::complete);
  opened_.started_at = parts_.clock.wall();
  opened_.id = parts_.ids.next(opened_.started_at);
  started_ = parts_.clock.steady();
  next.id = opened_.id;
  closed_ = std::move(next);
  kept_ = {};
  numbers_ = {};
  position_ = log_.opened(opened_);
  position_ = log_.answered({closed_.id, closed_.status, true, closed_.response_headers});
  open_ = true;
  if (kind_ != Kind::own_endpoint) parts_.counters.change(Gauge::exchanges_active, 1);
}

void Capture::close(Ending ending, std::string_view error) {
  if (!open_) return;
  open_ = false;
  closed_.ending = ending;
  closed_.error = error;
  closed_.closed_at = parts_.clock.wall();
  closed_.duration = std::chrono::duration_cast<Microseconds>(parts_.clock.steady() - started_);
  position_ = log_.closed(closed_);
  if (kind_ == Kind::own_endpoint) return;
  count();
  const MiddlewareOutcome outcome{opened_, closed_, parts_.clock.steady()};
  for (const auto& middleware : parts_.middlewares) middleware->on_closed(outcome);
}

void Capture::count() const {
  Counters& counters = parts_.counters;
  counters.change(Gauge::exchanges_active, -1);
  counters.add(Counter::requests);
  counters.add(Counter::request_bytes, closed_.request_bytes);
  counters.add(Counter::response_bytes, closed_.response_bytes);
  counters.add(ending_counter(closed_.ending));
  if (closed_.status >= 100 && closed_.status < 600) {
    counters.add(counter_after(Counter::responses_1xx, closed_.status / 100U - 1));
  }
  counters.observe(Histogram::duration, closed_.duration);
  if (closed_.first_byte) counters.observe(Histogram::first_byte, *closed_.first_byte);
}

}  // namespace albicilla
