#include "proxy/traffic/relay.h"

#include <utility>

#include "proxy/traffic/framing_policy.h"

namespace albicilla {
namespace {

constexpr int kMostInterim = 32;
// A client that hangs up at the terminal event leaves the upstream's last bytes to us: a whole
// answer is `complete`, and the connection can be used again.
constexpr std::chrono::milliseconds kAfterEnd{2000};

}  // namespace

Relay::Relay(TrafficParts& parts, ClientSide& client, RequestParser& request, Capture& capture)
    : parts_(parts),
      client_(client),
      request_(request),
      capture_(capture),
      presence_(client, parts.deadlines),
      pump_(parts, client, request, capture),
      connecting_(parts.deadlines) {}

Task<RelayOutcome> Relay::run(RelayOrder order) {
  const bool may_half_close = !request_.keep_alive();
  if (order.body.whole) presence_.watch(may_half_close, [this] { on_client_left(); });
  Step step = co_await ask(order, true);
  if (step == Step::again) step = co_await ask(order, false);
  RelayOutcome outcome;
  if (step == Step::answered) {
    outcome = co_await pass(order);
  } else {
    outcome = failure();
  }
  co_await finish_pump();
  presence_.unwatch();
  if (step == Step::answered && !switched_) give_link_back(order);
  co_return outcome;
}

void Relay::cut() {
  cut_ = true;
  if (web_socket_ != nullptr) return web_socket_->cut();
  cancel_upstream();
  client_.stream.cancel();
}

void Relay::cancel_upstream() {
  connecting_.cancel();
  if (link_) link_->stream.cancel();
}

void Relay::on_client_left() {
  if (capture_.ended_by_event()) {
    if (link_) link_->stream.expires_after(kAfterEnd);
    return;
  }
  left_before_end_ = true;
  if (parts_.settings.on_client_abort == OnClientAbort::cancel) cancel_upstream();
}

bool Relay::had_the_end() const { return capture_.ended_by_event() && !left_before_end_; }

void Relay::on_pump_failed() {
  switch (pump_.end()) {
    case PumpEnd::client_left:
      presence_.left();
      cancel_upstream();  // half a request is of no use to anybody
      break;
    case PumpEnd::bad_framing:
      problem_ = {400, "bad_request_framing", "the request's body is not framed as HTTP/1.1 says",
                  Ending::refused};
      cancel_upstream();
      break;
    case PumpEnd::too_slow:
      problem_ = {408, "body_too_slow", "the request's body came too slowly", Ending::refused};
      cancel_upstream();
      break;
    case PumpEnd::too_large:
      problem_ = {413, "request_too_large", "the request's body is larger than allowed",
                  Ending::refused};
      cancel_upstream();
      break;
    case PumpEnd::not_kept:
      problem_ = {503, "log_unavailable", "the request could not be logged", Ending::refused};
      cancel_upstream();
      break;
    case PumpEnd::upstream_failed:  // its answer may still be readable; if not, reading says so
    case PumpEnd::whole:
    case PumpEnd::stopped:
      break;
  }
}

bool Relay::problem(std::uint16_t status, std::string_view code, std::string message) {
  if (problem_.code.empty()) problem_ = {status, code, std::move(message), Ending::upstream_error};
  return false;
}

Task<Relay::Step> Relay::ask(const RelayOrder& order, bool first_attempt) {
  if (!co_await obtain_link(order, first_attempt)) co_return Step::failed;
  co_await send_request(order);
  if (co_await read_answer_head(order)) co_return Step::answered;
  const bool died_idle = link_->reused && !got_bytes_ && !link_->stream.timed_out();
  if (first_attempt && died_idle && parts_.settings.resend && order.body.whole &&
      !presence_.has_left() && !cut_) {
    parts_.counters.add(Counter::upstream_retries);
    problem_ = {};
    co_return Step::again;
  }
  co_return Step::failed;
}

Task<bool> Relay::obtain_link(const RelayOrder& order, bool first_attempt) {
  const Url& url = order.plan.upstream->url;
  // A streamed body cannot be sent twice, so its connection must be known to be alive.
  if (first_attempt) link_ = parts_.upstreams.take_idle(url, !order.body.whole);
  if (!first_attempt || !link_) {
    LinkFailure why;
    link_ = co_await parts_.upstreams.connect(url, connecting_, why);
    if (!link_) {
      co_return problem(why.timed_out ? 504 : 502,
                        why.timed_out ? "upstream_timeout" : "upstream_unreachable", why.message);
    }
    // Our own endpoints are relayed too, to the control server, which is no upstream.
    const bool is_upstream = !order.plan.upstream->base_url.empty();
    if (is_upstream) parts_.counters.add(Counter::upstream_connections);
  }
  const bool wanted =
      !cut_ && (!presence_.has_left() || parts_.settings.on_client_abort == OnClientAbort::drain);
  co_return wanted;
}

Task<void> Relay::send_request(const RelayOrder& order) {
  const std::string_view body =
      order.plan.body ? std::string_view(*order.plan.body) : order.body.on_wire(request_.chunked());
  link_->stream.expires_after(parts_.settings.limits.first_byte_time);
  const NetError error = co_await link_->stream.write(order.plan.head, body);
  // An upstream may refuse early and close: its answer is read all the same.
  if (!error && !order.body.whole) pump_.start(link_->stream, [this] { on_pump_failed(); });
}

Task<bool> Relay::read_answer_head(const RelayOrder& order) {
  const HeadLimits& limits = parts_.settings.limits.head;
  Input& input = link_->input;
  for (int interim = 0; interim <= kMostInterim; ++interim) {
    answer_ = std::make_unique<ResponseParser>(limits);
    if (order.head.method == "HEAD") answer_->expect_no_body();
    while (!answer_->head_done()) {
      if (input.bytes().empty() && !co_await input.more()) {
        if (link_->stream.timed_out()) {
          co_return problem(504, "upstream_timeout", "the upstream did not answer in time");
        }
        co_return problem(502, "upstream_closed", "the upstream closed before it answered");
      }
      got_bytes_ = true;
      const std::size_t held = input.bytes().size();
      const std::size_t taken = answer_->feed(input.bytes());
      input.consume(taken);
      if (answer_->fault() != HeadFault::none) {
        co_return problem(502, "bad_upstream_response", "the upstream's answer is not HTTP/1.1");
      }
      if (!answer_->head_done() && taken < held && !co_await input.more()) {
        co_return problem(502, "upstream_closed", "the upstream closed within its answer's head");
      }
    }
    if (answer_->head().status >= 200) co_return accept_answer_head();
    if (answer_->head().status == 101) co_return accept_switch(order);
    if (!co_await pass_interim(order)) co_return false;
  }
  co_return problem(502, "bad_upstream_response", "the upstream sent interim answers without end");
}

bool Relay::accept_answer_head() {
  if (const auto reason = check_response_framing(answer_->head())) {
    return problem(502, "bad_upstream_response", "the upstream's answer: " + std::string(*reason));
  }
  const std::uint16_t status = answer_->head().status;
  if ((status == 204 || status == 304) && !link_->input.bytes().empty()) {
    return problem(502, "bad_upstream_response", "the upstream sent a body where none may be");
  }
  return true;
}

Task<bool> Relay::pass_interim(const RelayOrder& order) {
  const ResponseHead& head = answer_->head();
  if (order.head.minor_version == 0 || (head.status == 100 && order.continued)) co_return true;
  out_.clear();
  append_answer_head(out_, head, {BodyFraming::none, BodyFraming::none, true, 1});
  co_return co_await flush(out_, {});
}

// Nothing of an answer has reached the client.
RelayOutcome Relay::failure() {
  RelayOutcome outcome;
  if (cut_) {
    capture_.close(Ending::shutdown, "cut by the end of the drain time");
  } else if (presence_.has_left()) {
    capture_.close(Ending::client_abort, "the client left before the answer came");
  } else {
    outcome.instead = problem_;
  }
  return outcome;
}

// The client has part of an answer and must see that it is only a part.
RelayOutcome Relay::broken() {
  if (cut_) {
    capture_.close(Ending::shutdown, "cut by the end of the drain time");
  } else if (presence_.has_left()) {
    capture_.close(had_the_end() ? Ending::client_abort_after_end : Ending::client_abort,
                   "the client left before the answer was whole");
  } else {
    capture_.close(Ending::upstream_truncated, problem_.message);
  }
  if (framing_.to == BodyFraming::until_close) {
    client_.stream.reset();
  } else {
    client_.stream.close();
  }
  return {};
}

Task<void> Relay::finish_pump() {
  if (!pump_.running()) co_return;
  pump_.stop();
  link_->stream.cancel();
  co_await pump_.finished();
}

void Relay::give_link_back(const RelayOrder& order) {
  const bool sent_whole = order.body.whole || pump_.end() == PumpEnd::whole;
  if (!answer_->done() || !answer_->keep_alive() || !sent_whole || !request_.done() || cut_) return;
  parts_.upstreams.give_back(order.plan.upstream->url, std::move(link_));
}

}  // namespace albicilla
