#include "proxy/traffic/web_socket_relay.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace albicilla {
namespace {

// Below the 15 s that are promised, because a tick and a write to the spool come on top.
constexpr std::chrono::milliseconds kRecordTime{14'000};
// What one side gets to say when the other has ended.
constexpr std::chrono::milliseconds kGoodBye{5'000};

WebSocketFrames::Rules rules_for(Direction direction, const WebSocketTerms& terms,
                                 const TrafficLimits& limits) {
  const bool from_client = direction == Direction::request;
  return {from_client, terms.deflate,
          from_client ? terms.client_keeps_context : terms.server_keeps_context,
          limits.capture_bytes};
}

}  // namespace

WebSocketRelay::WebSocketRelay(TrafficParts& parts, ClientSide& client, UpstreamLink& link,
                               Capture& capture, const WebSocketTerms& terms)
    : Deadline(parts.deadlines),
      parts_(parts),
      client_(client),
      link_(link),
      capture_(capture),
      up_{Direction::request, client.stream, client.input, link.stream,
          WebSocketFrames(rules_for(Direction::request, terms, parts.settings.limits))},
      down_{Direction::response, link.stream, link.input, client.stream,
            WebSocketFrames(rules_for(Direction::response, terms, parts.settings.limits))},
      client_done_(parts.executor) {}

Task<void> WebSocketRelay::run() {
  expires_after(kRecordTime);
  boost::asio::co_spawn(parts_.executor, pump_client(), boost::asio::detached);
  co_await pump(down_);
  co_await client_done_.wait();
  expires_never();
  close_record();
  if (!capture_.is_written()) (void)co_await capture_.written();
}

void WebSocketRelay::cut() {
  cut_ = true;
  client_.stream.cancel();
  link_.stream.cancel();
}

Task<void> WebSocketRelay::pump_client() {
  co_await pump(up_);
  client_done_.notify();
}

Task<void> WebSocketRelay::pump(Lane& lane) {
  while (!cut_ && co_await pass_on(lane)) {
  }
  const bool orderly = lane.input.ended() && !lane.input.error() && !cut_ && !unlogged_;
  if (orderly) {
    lane.to.shutdown_write();
  } else {
    client_.stream.cancel();
    link_.stream.cancel();
  }
  touch();
}

// One read of one side, to the log and to the other side.
Task<bool> WebSocketRelay::pass_on(Lane& lane) {
  const Side here = lane.direction == Direction::request ? Side::client : Side::upstream;
  const Side there = here == Side::client ? Side::upstream : Side::client;
  if (lane.input.bytes().empty()) {
    if (capture_.log().congested()) co_await capture_.log().uncongested();
    touch();
    if (!co_await lane.input.more()) {
      on_side_gone(here);
      co_return false;
    }
  }
  const std::string_view bytes = lane.input.bytes();
  record(lane, bytes);
  // As with requests and terminal events: in the spool before the other side can act on it.
  const bool must_be_kept =
      here == Side::client || answer_over_ || lane.frames.closing() || unlogged_;
  if (must_be_kept && !capture_.is_written() && !co_await capture_.written()) {
    unlogged_ = true;
    co_return false;
  }
  while (capture_.is_late()) co_await capture_.log().caught_up();
  touch();
  const NetError error = co_await lane.to.write(bytes);
  lane.input.consume(bytes.size());
  if (here == Side::upstream && answer_over_) renew();
  if (error) on_side_gone(there);
  co_return !error;
}

void WebSocketRelay::record(Lane& lane, std::string_view bytes) {
  capture_.socket_read(lane.direction, bytes.size());
  unsaid_ = true;
  for (const FramePiece& piece : lane.frames.feed(bytes)) {
    capture_.message(lane.direction, piece);
    if (lane.direction == Direction::response && ends_answer(piece)) answer_over_ = true;
  }
}

bool WebSocketRelay::ends_answer(const FramePiece& piece) {
  if (piece.kind != FrameKind::text) return false;
  if (beginning_.size() < kTerminalPrefix) {
    beginning_.append(piece.bytes, 0, kTerminalPrefix - beginning_.size());
  }
  if (!piece.ends) return false;
  const bool terminal = capture_.dialect().is_terminal({"message", beginning_});
  beginning_.clear();
  return terminal;
}

void WebSocketRelay::on_side_gone(Side side) {
  if (gone_ == Side::none) gone_ = side;
}

// One side may be silent for as long as the other speaks.
void WebSocketRelay::touch() {
  const auto span = gone_ == Side::none ? parts_.settings.limits.idle_time : kGoodBye;
  client_.stream.expires_after(span);
  link_.stream.expires_after(span);
}

void WebSocketRelay::renew() {
  capture_.renew();
  answer_over_ = false;
  unsaid_ = false;
  expires_after(kRecordTime);
}

void WebSocketRelay::on_expired() {
  if (unsaid_) return renew();
  expires_after(kRecordTime);
}

void WebSocketRelay::close_record() {
  const bool silent = client_.stream.timed_out() || link_.stream.timed_out();
  if (cut_) {
    capture_.close(Ending::shutdown, "cut by the end of the drain time");
  } else if (unlogged_) {
    capture_.close(Ending::upstream_truncated, "the messages could not be logged");
  } else if (up_.frames.closing() || down_.frames.closing() || !unsaid_) {
    capture_.close(Ending::complete);
  } else if (silent && !client_.input.ended() && !link_.input.ended()) {
    capture_.close(Ending::upstream_truncated, "neither side has sent anything for too long");
  } else if (gone_ == Side::client) {
    capture_.close(Ending::client_abort, "the client left without closing the WebSocket");
  } else {
    capture_.close(Ending::upstream_truncated, "the upstream left without closing the WebSocket");
  }
}

}  // namespace albicilla
