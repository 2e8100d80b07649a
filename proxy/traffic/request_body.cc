#include "proxy/traffic/request_body.h"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "proxy/traffic/answer.h"

namespace albicilla {

void take_slices(const RequestParser& parser, RequestBody& body) {
  append_plain(body.bytes, parser.slices());
  if (parser.chunked()) {
    append_chunks(body.wire, parser.slices());
    if (parser.done()) append_last_chunk(body.wire, parser.trailers());
  }
  body.whole = parser.done();
}

std::chrono::milliseconds BodyPace::begin_wait() {
  begun_ = clock_.steady();
  if (limits_.body_floor == 0) return limits_.idle_time;
  const std::chrono::milliseconds earned(bytes_ * 1000 / limits_.body_floor);
  const auto left = limits_.body_grace + earned - waited_;
  return std::clamp(left, std::chrono::milliseconds(0), limits_.idle_time);
}

void BodyPace::end_wait(std::size_t bytes) {
  waited_ += std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begun_);
  bytes_ += bytes;
}

void BodyPump::start(NetStream& upstream, std::function<void()> on_failed) {
  running_ = true;
  on_failed_ = std::move(on_failed);
  boost::asio::co_spawn(parts_.executor, run(upstream), boost::asio::detached);
}

void BodyPump::stop() {
  stopping_ = true;
  client_.stream.cancel();
}

Task<void> BodyPump::finished() {
  if (running_) co_await finished_.wait();
}

Task<void> BodyPump::run(NetStream& upstream) {
  end_ = co_await pump(upstream);
  if (stopping_) end_ = PumpEnd::stopped;
  running_ = false;
  if (end_ != PumpEnd::whole && end_ != PumpEnd::stopped) on_failed_();
  finished_.notify();
}

Task<PumpEnd> BodyPump::pump(NetStream& upstream) {
  const TrafficLimits& limits = parts_.settings.limits;
  RequestBody piece;
  BodyPace pace(limits, parts_.clock);
  while (!parser_.done()) {
    client_.stream.expires_after(pace.begin_wait());
    const bool more = co_await client_.input.more();
    pace.end_wait(client_.input.bytes().size());
    client_.stream.expires_never();
    if (!more) {
      co_return client_.stream.timed_out() ? PumpEnd::too_slow : PumpEnd::client_left;
    }
    piece.bytes.clear();
    piece.wire.clear();
    client_.input.consume(parser_.feed(client_.input.bytes()));
    if (parser_.fault() != HeadFault::none) co_return PumpEnd::bad_framing;
    take_slices(parser_, piece);
    taken_ += piece.bytes.size();
    if (limits.body_bytes != 0 && taken_ > limits.body_bytes) co_return PumpEnd::too_large;
    if (!piece.bytes.empty()) {
      capture_.request_bytes(piece.bytes);
      if (!capture_.is_written() && !co_await capture_.written()) co_return PumpEnd::not_kept;
    }
    const std::string_view wire = piece.on_wire(parser_.chunked());
    if (wire.empty()) continue;
    // The upstream's time for its answer begins when it has got the last byte.
    upstream.expires_after(limits.first_byte_time);
    if (co_await upstream.write(wire)) {
      co_return PumpEnd::upstream_failed;
    }
  }
  co_return PumpEnd::whole;
}

}  // namespace albicilla
