#include "proxy/traffic/connection.h"

#include <array>
#include <utility>

#include "common/base/log.h"
#include "common/dialect/registry.h"
#include "common/http/url.h"
#include "proxy/traffic/client_app.h"
#include "proxy/traffic/framing_policy.h"
#include "proxy/traffic/hop_fields.h"
#include "proxy/traffic/pipeline.h"

namespace albicilla {
namespace {

constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::size_t kMostBlankLines = 4;  // RFC 9112, 2.2: some clients end a body with CR LF

OutBuffer buffer_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

Reply reply_to(HeadFault fault) {
  switch (fault) {
    case HeadFault::version:
      return error_reply(ErrorShape::openai, 505, "http_version", "HTTP/1.1 is spoken here");
    case HeadFault::head_too_large:
      return error_reply(ErrorShape::openai, 431, "header_too_large",
                         "the request's header is too large");
    case HeadFault::target_too_long:
      return error_reply(ErrorShape::openai, 414, "target_too_long",
                         "the request's target is too long");
    case HeadFault::syntax:
    case HeadFault::none:
      break;
  }
  return error_reply(ErrorShape::openai, 400, "bad_request_framing",
                     "the request is not well-formed HTTP/1.1");
}

Reply too_large(const Exchange& exchange) {
  return error_reply(exchange.dialect->error_shape(), 413, "request_too_large",
                     "the request's body is larger than allowed");
}

}  // namespace

Connection::Connection(TrafficParts& parts, Socket socket, std::string client_ip)
    : parts_(parts), client_(std::move(socket), parts.executor, parts.deadlines) {
  client_.ip = std::move(client_ip);
}

void Connection::drain() {
  if (idle_) client_.stream.cancel();
}

void Connection::cut() {
  cut_ = true;
  if (relay_ != nullptr) {
    relay_->cut();
  } else {
    client_.stream.cancel();
  }
}

Task<void> Connection::run() {
  bool going_on = true;
  while (going_on && !cut_) {
    RequestParser parser(parts_.settings.limits.head);
    idle_ = true;
    going_on = co_await read_head(parser);
    idle_ = false;
    if (going_on) going_on = co_await serve(parser);
    going_on = going_on && !parts_.draining;
    client_.input.shrink();
    first_ = false;
  }
  co_await finish();
}

Task<bool> Connection::read_head(RequestParser& parser) {
  const TrafficLimits& limits = parts_.settings.limits;
  Input& input = client_.input;
  client_.stream.expires_after(first_ ? limits.header_time : limits.idle_time);
  std::size_t blank_lines = 0;
  while (true) {
    while (input.bytes().starts_with("\r\n") && blank_lines++ < kMostBlankLines) input.consume(2);
    if (!input.bytes().empty() && input.bytes() != "\r") break;
    if (!co_await input.more()) co_return false;
  }
  idle_ = false;
  client_.stream.expires_after(limits.header_time);
  while (true) {
    input.consume(parser.feed(input.bytes()));
    if (parser.fault() != HeadFault::none)
      co_return co_await refuse_framing(parser, parser.fault());
    if (parser.head_done()) break;
    if (co_await input.more()) continue;
    if (!client_.stream.timed_out()) co_return false;
    const Reply late = error_reply(ErrorShape::openai, 408, "request_timeout",
                                   "the request's header took too long");
    co_return co_await answer(late, nullptr, false);
  }
  client_.stream.expires_never();
  co_return true;
}

Task<bool> Connection::serve(RequestParser& parser) {
  Exchange exchange;
  exchange.started = parts_.clock.steady();
  exchange.started_at = parts_.clock.wall();
  exchange.id = parts_.ids.next(exchange.started_at);
  exchange.head = std::move(parser.head());
  exchange.client_ip = client_.ip;
  const std::string_view path = split_target(exchange.head.target).path;
  exchange.dialect = &dialect_of_path(exchange.head.method, path);
  auto wrong = check_request_framing(exchange.head);
  if (!wrong && parser.folded()) wrong = FramingRefusal{400, "folded header lines"};
  if (wrong) {
    log_info("request refused", {{"reason", wrong->reason}, {"client", client_.ip}});
    const Reply reply = error_reply(exchange.dialect->error_shape(), wrong->status,
                                    "bad_request_framing", wrong->reason);
    co_return co_await answer(reply, nullptr, false);
  }
  if (is_own_endpoint(exchange.head.method, path) && parts_.settings.control.port != 0) {
    co_return co_await serve_own_endpoint(parser, exchange);
  }
  exchange.client_app = client_app_of(exchange.head.headers);
  exchange.attempt = attempt_of(exchange.head.headers);
  if (const auto reply = run_pipeline(parts_, exchange)) {
    co_return co_await refuse(parser, exchange, *reply);
  }
  RequestBody body;
  take_slices(parser, body);
  if (is_too_large(parser, body)) co_return co_await refuse(parser, exchange, too_large(exchange));
  co_return co_await forward(parser, exchange, body);
}

bool Connection::is_too_large(const RequestParser& parser, const RequestBody& body) const {
  const std::uint64_t most = parts_.settings.limits.body_bytes;
  return most != 0 && (parser.content_length() > most || body.bytes.size() > most);
}

Task<bool> Connection::refuse(RequestParser& parser, const Exchange& exchange, const Reply& reply) {
  if (parts_.log.accepting()) {
    Capture capture(parts_, Capture::Kind::traffic);
    capture.open(exchange, {});
    capture.own_status(reply.status);
    capture.close(Ending::refused, reply.body);
    if (!capture.is_written()) (void)co_await capture.written();
  }
  co_return co_await answer(reply, &exchange.head, parser.done() && parser.keep_alive());
}

Task<bool> Connection::serve_own_endpoint(RequestParser& parser, const Exchange& exchange) {
  Upstream control;
  control.url = {"http", "127.0.0.1", parts_.settings.control.port, ""};
  const Plan plan = make_control_plan(parts_.settings, control, exchange.head, client_.ip);
  RequestBody body;
  take_slices(parser, body);
  Capture unlogged(parts_, Capture::Kind::own_endpoint);
  unlogged.open(exchange, {});
  const RelayOrder order{exchange.head, plan, body, false};
  co_return co_await relay(parser, order, unlogged, exchange.dialect->error_shape());
}

// Reads a body that must be looked into; stops when it is larger than what is worth holding.
Task<bool> Connection::read_body(RequestParser& parser, RequestBody& body) {
  const TrafficLimits& limits = parts_.settings.limits;
  while (!body.whole && body.bytes.size() < limits.inspect_bytes && !is_too_large(parser, body)) {
    client_.stream.expires_after(limits.idle_time);
    const bool more = co_await client_.input.more();
    client_.stream.expires_never();
    if (!more) co_return false;
    client_.input.consume(parser.feed(client_.input.bytes()));
    if (parser.fault() != HeadFault::none) co_return false;
    take_slices(parser, body);
  }
  co_return true;
}

Task<bool> Connection::forward(RequestParser& parser, Exchange& exchange, RequestBody& body) {
  const ErrorShape shape = exchange.dialect->error_shape();
  if (!parts_.log.accepting()) {
    Reply full = error_reply(shape, 503, "spool_full", "the log cannot take more requests now");
    full.headers.push_back({"retry-after", "5"});
    co_return co_await answer(full, &exchange.head, parser.done() && parser.keep_alive());
  }
  bool continued = false;
  const bool holds_json = is_worth_reading(exchange.head, *exchange.dialect);
  const bool session_in_body = holds_json && session_needs_body(parts_, exchange);
  const bool read_first = holds_json && (session_in_body || !parts_.settings.default_model.empty());
  if (!body.whole && read_first) {
    if (has_token(exchange.head.headers, "expect", "100-continue")) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      continued = true;
      if (co_await client_.stream.write(buffer_of(kContinue))) co_return false;
    }
    if (!co_await read_body(parser, body)) {
      if (parser.fault() == HeadFault::none) co_return false;
      co_return co_await refuse_framing(parser, parser.fault());
    }
    if (is_too_large(parser, body)) {
      co_return co_await refuse(parser, exchange, too_large(exchange));
    }
  }
  PlanRequest wanted{exchange.head,
                     exchange.upstream_headers ? *exchange.upstream_headers : exchange.head.headers,
                     std::nullopt};
  if (body.whole && holds_json) {
    exchange.dialect = &dialect_of_body(*exchange.dialect, body.bytes);
    if (session_in_body) resolve_session_of_body(parts_, exchange, body.bytes);
    wanted.json = body.bytes;
  }
  const Plan plan = make_plan(parts_.settings, wanted);
  Capture capture(parts_, Capture::Kind::traffic);
  capture.open(exchange, plan.upstream->base_url);
  if (!body.bytes.empty()) capture.request_bytes(body.bytes);
  if (!capture.is_written() && !co_await capture.written()) {
    capture.own_status(503);
    capture.close(Ending::refused, "the request could not be logged");
    const Reply reply =
        error_reply(shape, 503, "log_unavailable", "the request could not be logged");
    co_return co_await answer(reply, &exchange.head, false);
  }
  const RelayOrder order{exchange.head, plan, body, continued};
  co_return co_await relay(parser, order, capture, shape);
}

Task<bool> Connection::relay(RequestParser& parser, const RelayOrder& order, Capture& capture,
                             ErrorShape shape) {
  Relay relaying(parts_, client_, parser, capture);
  relay_ = &relaying;
  RelayOutcome outcome = co_await relaying.run(order);
  relay_ = nullptr;
  if (!outcome.instead) co_return outcome.keep_client;
  const OwnAnswer& instead = *outcome.instead;
  capture.own_status(instead.status);
  capture.close(instead.ending, instead.message);
  if (!capture.is_written()) (void)co_await capture.written();
  const Reply reply = error_reply(shape, instead.status, instead.code, instead.message);
  co_return co_await answer(reply, &order.head, parser.done() && parser.keep_alive());
}

Task<bool> Connection::refuse_framing(const RequestParser& parser, HeadFault fault) {
  (void)parser;
  const Reply reply = reply_to(fault);
  log_info("request refused", {{"status", reply.status}, {"client", client_.ip}});
  co_return co_await answer(reply, nullptr, false);
}

// False when the connection must end behind it.
Task<bool> Connection::answer(const Reply& reply, const RequestHead* request, bool keep) {
  keep = keep && !parts_.draining && !client_.input.ended();
  ResponseHead head;
  head.status = reply.status;
  head.reason = usual_reason(reply.status);
  head.headers = reply.headers;
  head.headers.push_back({"content-length", std::to_string(reply.body.size())});
  AnswerFraming framing;
  framing.keep_alive = keep;
  framing.client_minor_version = request != nullptr ? request->minor_version : 1;
  std::string wire;
  append_answer_head(wire, head, framing);
  if (request == nullptr || request->method != "HEAD") wire += reply.body;
  client_.stream.expires_after(parts_.settings.limits.idle_time);
  const NetError error = co_await client_.stream.write(buffer_of(wire));
  client_.stream.expires_never();
  co_return keep && !error;
}

// Lets the client read what was written last: a close with unread bytes of theirs would reset it.
Task<void> Connection::finish() {
  NetStream& stream = client_.stream;
  if (stream.is_open() && !cut_ && !client_.input.error()) {
    stream.shutdown_write();
    stream.expires_after(kLinger);
    std::array<char, 4096> discarded{};
    if (!client_.input.ended()) {
      stream.cancel();
      co_await client_.input.settled();
      while (!stream.timed_out()) {
        const IoResult read = co_await stream.read_some(boost::asio::buffer(discarded));
        if (read.error) break;
      }
    }
  }
  stream.close();
  co_await client_.input.settled();
}

}  // namespace albicilla
