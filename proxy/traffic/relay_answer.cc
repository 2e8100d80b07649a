// An answer on its way down as it comes: one flush per upstream read, captured before it goes on.
// Most reads of a stream are passed on inside the loop's own call (pass_at_once); the coroutine
// goes on where something has to be waited for.
#include <utility>

#include "proxy/traffic/relay.h"

namespace albicilla {
namespace {

// An answer's head, and later each read of a stream, fit into it.
constexpr std::size_t kUsualHead = 512;

bool has_no_body(const RequestHead& request, const ResponseHead& answer) {
  return request.method == "HEAD" || answer.status == 204 || answer.status == 304;
}

}  // namespace

AnswerFraming Relay::choose_framing(const RelayOrder& order) const {
  AnswerFraming framing;
  framing.client_minor_version = order.head.minor_version;
  if (has_no_body(order.head, answer_->head())) {
    framing.from = BodyFraming::none;
  } else if (answer_->chunked()) {
    framing.from = BodyFraming::chunked;
  } else if (answer_->ends_with_connection()) {
    framing.from = BodyFraming::until_close;
  } else {
    framing.from = answer_->content_length() == 0 ? BodyFraming::none : BodyFraming::sized;
  }
  framing.to = framing.from;
  if (framing.from == BodyFraming::chunked && order.head.minor_version == 0) {
    framing.to = BodyFraming::until_close;
  }
  framing.keep_alive = framing.to != BodyFraming::until_close && request_.done() &&
                       request_.keep_alive() && !parts_.draining;
  return framing;
}

Task<RelayOutcome> Relay::pass_answer(const RelayOrder& order) {
  capture_.response_head(answer_->head());
  framing_ = choose_framing(order);
  out_.clear();
  out_.reserve(kUsualHead);
  if (capture_.kind() != Capture::Kind::own_endpoint) {
    for (const auto& each : parts_.middlewares) each->on_answer(answer_->head().headers);
  }
  append_answer_head(out_, answer_->head(), framing_);
  if (!answer_->slices().empty()) capture_.response_read();
  bool going_on = co_await pass_read();
  if (going_on && !answer_->done()) {
    link_->input.take_at_once([this] { return pass_at_once(); }, parts_.upstreams.late_reads());
    while (going_on && !answer_->done()) going_on = co_await read_on() && co_await pass_read();
    link_->input.take_no_more();
  }
  if (!going_on) co_return broken();
  RelayOutcome outcome;
  outcome.keep_client = framing_.keep_alive && request_.done() && !presence_.has_left();
  co_return outcome;
}

// One read of the answer's body, or its end.
Task<bool> Relay::read_on() {
  reached_ = Reached::nothing;
  out_.clear();
  Input& input = link_->input;
  if (capture_.log().congested()) co_await capture_.log().uncongested();
  if (!presence_.has_left() || !had_the_end()) {
    link_->stream.expires_after(parts_.settings.limits.idle_time);
  }
  const std::size_t held = input.bytes().size();
  if (!co_await input.more()) {
    if (input.ended() && !input.error() && framing_.from == BodyFraming::until_close) {
      answer_->feed_end();
      co_return answer_->done();
    }
    co_return problem(502, "upstream_truncated",
                      link_->stream.timed_out() ? "the upstream went silent within its answer"
                                                : "the upstream broke off within its answer");
  }
  if (reached_ == Reached::nothing) {
    if (input.bytes().size() > held) capture_.response_read();
    input.consume(answer_->feed(input.bytes()));
  }
  if (answer_->fault() == HeadFault::none) co_return true;
  co_return problem(502, "upstream_truncated",
                    "the upstream's body is not framed as HTTP/1.1 says");
}

// The same without waiting: true when the read is with the client and the next one may begin, else
// reached_ says what is left for the coroutine. Bytes that do not hold the end may be with the
// client some milliseconds before they are in the spool (DELIVERY), so what the log costs comes
// behind the write.
bool Relay::pass_at_once() {
  if (cut_ || presence_.has_left()) return false;
  Input& input = link_->input;
  capture_.response_read();
  input.consume(answer_->feed(input.bytes()));
  reached_ = Reached::fed;
  if (answer_->fault() != HeadFault::none || answer_->done()) return false;
  look_at_read();
  const bool waits = must_be_kept_ || capture_.is_late();
  NetError error;
  if (!waits && out_.size() + body_.size() > 0) {
    sent_ = client_.stream.write_at_once(out_, body_, error);
  }
  keep_read();
  reached_ = Reached::captured;
  if (waits || error || sent_ < out_.size() + body_.size()) return false;
  if (sent_ > 0) presence_.bytes_went_through();
  sent_ = 0;
  out_.clear();
  reached_ = Reached::passed;
  if (capture_.log().congested()) return false;
  link_->stream.expires_after(parts_.settings.limits.idle_time);
  reached_ = Reached::nothing;
  return true;
}

// What the last read brought becomes what the client gets, and is known to hold the end or not.
void Relay::look_at_read() {
  const bool was_over = capture_.ended_by_event();
  for (const BodySlice& slice : answer_->slices()) capture_.ends_in(slice.bytes);
  must_be_kept_ = capture_.ended_by_event() && !was_over;
  body_ = {};
  if (framing_.to == BodyFraming::chunked) {
    append_chunks(out_, answer_->slices());
    if (answer_->done()) append_last_chunk(out_, answer_->trailers());
  } else if (answer_->slices().size() == 1) {
    body_ = answer_->slices().front().bytes;
  } else {
    append_plain(out_, answer_->slices());
  }
}

void Relay::keep_read() {
  for (const BodySlice& slice : answer_->slices()) capture_.keep_response(slice.bytes);
}

// Both, in the order that DELIVERY asks where the read holds the end.
void Relay::capture_read() {
  look_at_read();
  keep_read();
  if (!answer_->done()) return;
  const bool handed_over = !presence_.has_left() || had_the_end();
  capture_.close(handed_over ? Ending::complete : Ending::client_abort);
  must_be_kept_ = true;
}

Task<bool> Relay::pass_read() {
  if (reached_ == Reached::passed) co_return true;
  if (reached_ != Reached::captured) capture_read();
  if (must_be_kept_ && !capture_.is_written() && !co_await capture_.written()) {
    co_return problem(503, "log_unavailable", "the answer could not be logged");
  }
  std::string_view head = out_;
  std::string_view body = body_;
  take_sent(std::exchange(sent_, 0), head, body);
  co_return co_await flush(head, body);
}

// False when the exchange need not go on.
Task<bool> Relay::flush(std::string_view head, std::string_view body) {
  while (capture_.is_late()) co_await capture_.log().caught_up();
  if (cut_) co_return false;
  if (!presence_.has_left() && head.size() + body.size() > 0) {
    client_.stream.expires_after(parts_.settings.limits.idle_time);
    const NetError error = co_await client_.stream.write(head, body);
    client_.stream.expires_never();
    if (!error) {
      presence_.bytes_went_through();
      co_return !cut_;
    }
    presence_.left();
    left_before_end_ = left_before_end_ || !capture_.ended_by_event();
  }
  if (!presence_.has_left() || had_the_end()) co_return !cut_;
  // Read on for the log, as long as the log takes more.
  co_return parts_.settings.on_client_abort == OnClientAbort::drain && !cut_ &&
      !capture_.outcome().response_truncated;
}

}  // namespace albicilla
