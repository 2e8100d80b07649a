// The answers that a relay does not pass on as they come: a switch to a WebSocket, and answers of
// an upstream that speaks another API than the client.
#include <utility>

#include "proxy/traffic/relay.h"

namespace albicilla {
namespace {

// Claude Code gives up after 15 to 20 s of silence.
constexpr std::chrono::milliseconds kSilence{10'000};
// A stop for answers that must be held as a whole to be translated.
constexpr std::size_t kMostTranslated = std::size_t{64} << 20;

// Wakes whoever waits for a silent upstream.
class Silence final : private Deadline {
 public:
  Silence(Deadlines& all, Input& input) : Deadline(all), input_(input) { expires_after(kSilence); }

 private:
  void on_expired() override {
    input_.nudge();
    expires_after(kSilence);
  }

  Input& input_;
};

}  // namespace

Task<RelayOutcome> Relay::pass(const RelayOrder& order) {
  if (switched_) co_return co_await pass_web_socket();
  if (order.plan.translated) co_return co_await pass_translated(order);
  co_return co_await pass_answer(order);
}

bool Relay::accept_switch(const RelayOrder& order) {
  std::string_view reason = "switched protocols unasked";
  if (order.plan.web_socket) reason = check_switch(order.head, answer_->head()).value_or("");
  if (!reason.empty()) {
    return problem(502, "bad_upstream_response", "the upstream " + std::string(reason));
  }
  switched_ = true;
  return true;
}

Task<RelayOutcome> Relay::pass_web_socket() {
  const ResponseHead& head = answer_->head();
  capture_.response_head(head);
  AnswerFraming framing;
  framing.upgrade = true;
  out_.clear();
  append_answer_head(out_, head, framing);
  if (!co_await flush(out_, {})) co_return broken();
  presence_.unwatch();
  WebSocketRelay relay(parts_, client_, *link_, capture_, web_socket_terms(head));
  web_socket_ = &relay;
  co_await relay.run();
  web_socket_ = nullptr;
  co_return RelayOutcome();
}

Task<RelayOutcome> Relay::pass_translated(const RelayOrder& order) {
  TranslatedAnswer answer(*order.plan.translated, answer_->head(), kMostTranslated);
  for (const auto& each : parts_.middlewares) each->on_answer(answer.head().headers);
  framing_ = choose_framing(order);
  out_.clear();
  if (answer.streams()) begin_translated(answer);
  if (!answer_->slices().empty()) capture_.response_read();
  bool going_on = co_await pass_translated_read(answer);
  while (going_on && !answer_->done()) {
    going_on = co_await read_translated(answer) && co_await pass_translated_read(answer);
  }
  if (answer.streams() && (!going_on || !answer.ended_well())) {
    co_return co_await break_translated(answer);
  }
  if (!going_on) {
    capture_.upstream_bytes(answer.gathered());
    co_return failure();
  }
  if (!answer.streams()) co_return co_await send_translated(answer);
  RelayOutcome outcome;
  outcome.keep_client = framing_.keep_alive && request_.done() && !presence_.has_left();
  co_return outcome;
}

// The head goes out with the first events.
void Relay::begin_translated(TranslatedAnswer& answer) {
  ResponseHead& head = answer.head();
  capture_.response_head(head);
  framing_.to =
      framing_.client_minor_version == 0 ? BodyFraming::until_close : BodyFraming::chunked;
  framing_.keep_alive = framing_.to == BodyFraming::chunked && request_.done() &&
                        request_.keep_alive() && !parts_.draining;
  if (framing_.to == BodyFraming::chunked) {
    head.headers.push_back({"transfer-encoding", "chunked"});
  }
  append_answer_head(
      out_, head,
      {framing_.to, framing_.to, framing_.keep_alive, framing_.client_minor_version, false});
}

// One read of the upstream; while it is silent the client gets signs of life.
Task<bool> Relay::read_translated(const TranslatedAnswer& answer) {
  Silence silence(parts_.deadlines, link_->input);
  const SteadyTime begun = parts_.clock.steady();
  while (co_await read_on()) {
    if (!answer_->slices().empty() || answer_->done()) co_return true;
    const std::string sign = answer.keep_alive();
    if (sign.empty() || presence_.has_left()) continue;
    if (parts_.clock.steady() - begun > parts_.settings.limits.idle_time) {
      co_return problem(504, "upstream_timeout", "the upstream went silent within its answer");
    }
    std::string wire;
    append_piece(wire, sign);
    if (!co_await flush(wire, {})) co_return false;
  }
  co_return false;
}

void Relay::append_piece(std::string& wire, std::string_view text) const {
  if (text.empty()) return;
  if (framing_.to == BodyFraming::chunked) {
    append_chunks(wire, {{text, text.size(), true}});
  } else {
    wire.append(text);
  }
}

Task<bool> Relay::pass_translated_read(TranslatedAnswer& answer) {
  std::string text;
  for (const BodySlice& slice : answer_->slices()) {
    if (answer.streams()) capture_.upstream_bytes(slice.bytes);
    text += answer.feed(slice.bytes);
  }
  if (!answer.streams()) co_return true;
  if (answer_->done()) text += answer.finish();
  const bool was_over = capture_.ended_by_event();
  capture_.response_bytes(text);
  bool must_be_kept = capture_.ended_by_event() && !was_over;
  append_piece(out_, text);
  if (answer_->done() && answer.ended_well()) {
    const bool handed_over = !presence_.has_left() || had_the_end();
    capture_.close(handed_over ? Ending::complete : Ending::client_abort);
    must_be_kept = true;
    if (framing_.to == BodyFraming::chunked) append_last_chunk(out_, {});
  }
  if (must_be_kept && !capture_.is_written() && !co_await capture_.written()) {
    co_return problem(503, "log_unavailable", "the answer could not be logged");
  }
  co_return co_await flush(out_, {});
}

// The client is told why, in its own words, and then sees a break.
Task<RelayOutcome> Relay::break_translated(TranslatedAnswer& answer) {
  if (!answer_->done() && !cut_ && !presence_.has_left()) {
    const std::string rest = answer.finish();
    capture_.response_bytes(rest);
    out_.clear();
    append_piece(out_, rest);
    (void)co_await flush(out_, {});
  }
  (void)problem(502, "upstream_truncated", answer.error());
  co_return broken();
}

Task<RelayOutcome> Relay::send_translated(TranslatedAnswer& answer) {
  const std::string body = answer.finish();
  capture_.upstream_bytes(answer.gathered());
  ResponseHead& head = answer.head();
  head.headers.push_back({"content-length", std::to_string(body.size())});
  capture_.response_head(head);
  capture_.response_bytes(body);
  const Ending ending = !answer.ended_well()   ? Ending::upstream_error
                        : presence_.has_left() ? Ending::client_abort
                                               : Ending::complete;
  capture_.close(ending, answer.error());
  framing_.from = framing_.to = BodyFraming::sized;
  framing_.keep_alive = request_.done() && request_.keep_alive() && !parts_.draining;
  out_.clear();
  append_answer_head(out_, head, framing_);
  RelayOutcome outcome;
  if (!capture_.is_written() && !co_await capture_.written()) co_return broken();
  outcome.keep_client = co_await flush(out_, body) && framing_.keep_alive && !presence_.has_left();
  co_return outcome;
}

}  // namespace albicilla
