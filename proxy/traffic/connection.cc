#include "proxy/traffic/connection.h"

#include <utility>

#include "common/base/log.h"
#include "common/dialect/registry.h"
#include "common/http/url.h"
#include "proxy/traffic/client_app.h"
#include "proxy/traffic/framing_policy.h"
#include "proxy/traffic/hop_fields.h"
#include "proxy/traffic/pipeline.h"
#include "proxy/traffic/translatable_body.h"
#include "proxy/traffic/web_socket_handshake.h"

namespace albicilla {
namespace {

constexpr std::size_t kMostBlankLines = 4;  // RFC 9112, 2.2: some clients end a body with CR LF
// In which a busy balancer has used each of its idle connections once more and let it go.
constexpr std::chrono::milliseconds kLastMoment{600};

Reply reply_to(HeadFault fault, ErrorShape shape) {
  switch (fault) {
    case HeadFault::version:
      return error_reply(shape, 505, "http_version", "HTTP/1.1 is spoken here");
    case HeadFault::head_too_large:
      return error_reply(shape, 431, "header_too_large", "the request's header is too large");
    case HeadFault::target_too_long:
      return error_reply(shape, 414, "target_too_long", "the request's target is too long");
    case HeadFault::syntax:
    case HeadFault::none:
      break;
  }
  return error_reply(shape, 400, "bad_request_framing", "the request is not well-formed HTTP/1.1");
}

Reply too_large(const Exchange& exchange) {
  return error_reply(exchange.dialect->error_shape(), 413, "request_too_large",
                     "the request's body is larger than allowed");
}

Reply too_slow(const Exchange& exchange) {
  return error_reply(exchange.dialect->error_shape(), 408, "body_too_slow",
                     "the request's body came too slowly");
}

ErrorShape shape_of_target(std::string_view target) {
  return dialect_of_path("POST", split_target(target).path).error_shape();
}

// For whom a request speaks, and for our own endpoints whether it comes from this machine: what a
// proxy forwards never does.
std::string client_of(const ClientSide& client, const RequestHead& head,
                      const AddressRanges& trusted) {
  if (!client.trusted) return client.ip;
  const std::string forwarded = forwarded_client(head.headers, trusted);
  return forwarded.empty() ? client.ip : forwarded;
}

Capture::Kind kind_of(const Exchange& exchange) {
  return exchange.unlogged ? Capture::Kind::unlogged : Capture::Kind::traffic;
}

bool is_of_this_machine(std::string_view ip) {
  return ip == "::1" || ip == "unix" || ip.starts_with("127.");
}

}  // namespace

Connection::Connection(TrafficParts& parts, Socket socket, std::string peer)
    : parts_(parts), client_(std::move(socket), parts.executor, parts.deadlines) {
  client_.ip = peer;
  client_.peer = std::move(peer);
  client_.trusted = parts.settings.trusted_proxies.contain(client_.peer);
}

// A close that crosses a request on its way looks like a failure to a client, so one that comes in
// time is still served, with the word that it is the last.
void Connection::drain() {
  if (!idle_ || std::exchange(ending_, true)) return;
  client_.stream.expires_after(kLastMoment);
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
  bool going_on = co_await begin();
  while (going_on && !cut_) {
    RequestParser parser(parts_.settings.limits.head);
    idle_ = true;
    going_on = co_await read_head(parser);
    ended_idle_ = idle_ && parts_.draining;
    idle_ = false;
    if (going_on) going_on = co_await serve(parser);
    client_.input.shrink();
    first_ = false;
  }
  co_await finish();
}

Task<bool> Connection::read_head(RequestParser& parser) {
  const TrafficLimits& limits = parts_.settings.limits;
  Input& input = client_.input;
  // An answer that began before the end began has promised that the connection goes on.
  ending_ = parts_.draining;
  client_.stream.expires_after(ending_  ? kLastMoment
                               : first_ ? limits.header_time
                                        : limits.idle_time);
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
      co_return co_await refuse_framing(parser, parser.head().target);
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
  exchange.client_ip = client_of(client_, exchange.head, parts_.settings.trusted_proxies);
  const std::string_view path = split_target(exchange.head.target).path;
  // What goes over a WebSocket is what would have been posted.
  exchange.dialect =
      &dialect_of_path(asks_for_web_socket(exchange.head) ? "POST" : exchange.head.method, path);
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
  } else {
    parts_.counters.add(Counter::refusals_unlogged);
  }
  co_return co_await answer(reply, &exchange.head, parser.done() && parser.keep_alive());
}

Task<bool> Connection::serve_own_endpoint(RequestParser& parser, const Exchange& exchange) {
  Upstream control;
  control.url = {"http", "127.0.0.1", parts_.settings.control.port, ""};
  const bool forwarded = parts_.settings.trusted_proxies.contain(client_.peer);
  const Plan plan = make_control_plan(
      parts_.settings, control, exchange.head,
      forwarded && is_of_this_machine(exchange.client_ip) ? "forwarded" : exchange.client_ip);
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
  BodyPace pace(limits, parts_.clock);
  while (!body.whole && body.bytes.size() < limits.inspect_bytes && !is_too_large(parser, body)) {
    client_.stream.expires_after(pace.begin_wait());
    const bool more = co_await client_.input.more();
    pace.end_wait(client_.input.bytes().size());
    client_.stream.expires_never();
    if (!more) co_return false;
    client_.input.consume(parser.feed(client_.input.bytes()));
    if (parser.fault() != HeadFault::none) co_return false;
    take_slices(parser, body);
  }
  co_return true;
}

Task<bool> Connection::forward(RequestParser& parser, Exchange& exchange, RequestBody& body) {
  exchange.unlogged = !parts_.log.accepting();
  if (exchange.unlogged && !parts_.settings.pass_when_full) {
    co_return co_await refuse_full(parser, exchange);
  }
  PlanRequest wanted{exchange.head,
                     exchange.upstream_headers ? *exchange.upstream_headers : exchange.head.headers,
                     exchange.dialect->name(), std::nullopt};
  const Translation* translation = translation_for(parts_.settings, wanted);
  const bool must_be_whole =
      translation != nullptr || asks_for_token_count(parts_.settings, wanted);
  const bool holds_json = is_worth_reading(exchange.head, *exchange.dialect);
  const bool session_in_body = holds_json && session_needs_body(parts_, exchange);
  const bool looked_into =
      must_be_whole || (holds_json && (session_in_body || !parts_.settings.default_model.empty()));
  if (!body.whole && looked_into) {
    if (const auto ended = co_await read_first(parser, exchange, body)) co_return *ended;
  }
  if (must_be_whole) co_return co_await translate(parser, exchange, body, translation);
  if (body.whole && holds_json) {
    exchange.dialect = &dialect_of_body(*exchange.dialect, body.bytes);
    if (session_in_body) resolve_session_of_body(parts_, exchange, body.bytes);
    wanted.json = body.bytes;
  }
  co_return co_await send_on(parser, exchange, body, make_plan(parts_.settings, wanted));
}

// Reads the body before anything is decided. A value is the end: whether the connection goes on.
Task<std::optional<bool>> Connection::read_first(RequestParser& parser, Exchange& exchange,
                                                 RequestBody& body) {
  if (has_token(exchange.head.headers, "expect", "100-continue")) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    exchange.continued = true;
    if (co_await client_.stream.write(kContinue)) co_return false;
  }
  if (!co_await read_body(parser, body)) {
    if (parser.fault() != HeadFault::none) {
      co_return co_await refuse_framing(parser, exchange.head.target);
    }
    if (!client_.stream.timed_out()) co_return false;
    co_return co_await refuse(parser, exchange, too_slow(exchange));
  }
  if (is_too_large(parser, body)) co_return co_await refuse(parser, exchange, too_large(exchange));
  co_return std::nullopt;
}

// For an upstream that speaks another API. Without a translation: it has no endpoint that counts
// tokens.
Task<bool> Connection::translate(RequestParser& parser, Exchange& exchange, RequestBody& body,
                                 const Translation* translation) {
  if (!body.whole) co_return co_await refuse(parser, exchange, too_large(exchange));
  TranslatableBody json = translatable_body(exchange, body.bytes, parts_.settings);
  if (json.refusal) co_return co_await refuse(parser, exchange, *json.refusal);
  if (session_needs_body(parts_, exchange)) resolve_session_of_body(parts_, exchange, json.text);
  if (translation == nullptr) co_return co_await count_tokens(parser, exchange, body, json.text);
  const PlanRequest wanted{
      exchange.head, exchange.upstream_headers ? *exchange.upstream_headers : exchange.head.headers,
      exchange.dialect->name(), json.text};
  const auto plan = make_translated_plan(parts_.settings, wanted, *translation, terms_of(exchange));
  if (!plan) {
    co_return co_await refuse(parser, exchange, untranslatable(*translation, plan.error()));
  }
  co_return co_await send_on(parser, exchange, body, *plan);
}

Task<bool> Connection::count_tokens(RequestParser& parser, const Exchange& exchange,
                                    const RequestBody& body, std::string_view json) {
  const Reply reply = token_count_reply(json);
  if (reply.status != 200) co_return co_await refuse(parser, exchange, reply);
  if (exchange.unlogged && !co_await parts_.log.unlogged()) {
    co_return co_await refuse_full(parser, exchange);
  }
  Capture capture(parts_, kind_of(exchange));
  capture.open(exchange, {});
  capture.request_bytes(body.bytes);
  capture.response_head({reply.status, "OK", 1, reply.headers});
  capture.response_bytes(reply.body);
  capture.close(Ending::complete);
  if (!capture.is_written()) (void)co_await capture.written();
  co_return co_await answer(reply, &exchange.head, parser.done() && parser.keep_alive());
}

// From the spool to the upstream and back.
Task<bool> Connection::send_on(RequestParser& parser, const Exchange& exchange, RequestBody& body,
                               const Plan& plan) {
  const ErrorShape shape = exchange.dialect->error_shape();
  if (exchange.unlogged && !co_await parts_.log.unlogged()) {
    co_return co_await refuse_full(parser, exchange);
  }
  Capture capture(parts_, kind_of(exchange));
  capture.open(exchange, plan.upstream->base_url);
  if (!body.bytes.empty()) capture.request_bytes(body.bytes);
  if (plan.translated) capture.translated(*plan.translated, *plan.body);
  if (!capture.is_written() && !co_await capture.written()) {
    capture.own_status(503);
    capture.close(Ending::refused, "the request could not be logged");
    const Reply reply =
        error_reply(shape, 503, "log_unavailable", "the request could not be logged");
    co_return co_await answer(reply, &exchange.head, false);
  }
  const RelayOrder order{exchange.head, plan, body, exchange.continued};
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

Task<bool> Connection::refuse_full(const RequestParser& parser, const Exchange& exchange) {
  parts_.counters.add(Counter::refused_spool_full);
  Reply full = error_reply(exchange.dialect->error_shape(), 503, "spool_full",
                           "the log cannot take more requests now");
  full.headers.push_back({"retry-after", "5"});
  co_return co_await answer(full, &exchange.head, parser.done() && parser.keep_alive());
}

Task<bool> Connection::refuse_framing(const RequestParser& parser, std::string_view target) {
  const Reply reply = reply_to(parser.fault(), shape_of_target(target));
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
  const NetError error = co_await client_.stream.write(wire);
  client_.stream.expires_never();
  co_return keep && !error;
}

}  // namespace albicilla
