#include "proxy/outbox/watermarks.h"

#include <algorithm>

namespace albicilla {

void Watermarks::begin_round(std::uint32_t round, SteadyTime now) {
  round_ = round;
  heard_ = false;
  sent_ = durable_;
  in_flight_.clear();
  in_flight_bytes_ = 0;
  round_began_ = last_heard_ = last_moved_ = now;
  last_hello_.reset();
  unanswered_since_.reset();
  hello_pause_ = timing_.hello_again / 16;
}

Watermarks::Heard Watermarks::hear(const Watermark& watermark, SteadyTime now) {
  if (origin_ == Origin::this_process && watermark.accepted > highest_sent_) {
    return Heard::above_sent;
  }
  const bool was_accepting = accepting_;
  const bool restarted = epoch_ != 0 && watermark.epoch != epoch_;
  last_heard_ = now;
  epoch_ = watermark.epoch;
  accepting_ = watermark.accepting;
  window_bytes_ = watermark.window_bytes;
  durable_ = std::max(durable_, watermark.durable);
  if (!heard_) {
    heard_ = true;
    sent_ = std::max(sent_, durable_);
    return Heard::applied;
  }
  take_off_flight(watermark.accepted);
  const bool echoes = watermark.round == round_ && watermark.probe >= sent_;
  if (echoes || !in_flight() || !accepting_) unanswered_since_.reset();
  if (restarted && watermark.accepted < sent_) return Heard::restarted;
  if (!accepting_) return Heard::applied;
  if (in_flight_.empty()) return Heard::applied;
  // What a sink without room has dropped must come again.
  if (!was_accepting) return Heard::lost;
  const bool echoed = watermark.round == round_ && watermark.probe > watermark.accepted;
  return echoed ? Heard::lost : Heard::applied;
}

void Watermarks::take_off_flight(Seq through) {
  while (!in_flight_.empty() && in_flight_.front().seq <= through) {
    in_flight_bytes_ -= in_flight_.front().bytes;
    in_flight_.pop_front();
    last_moved_ = last_heard_;
    unanswered_since_.reset();
  }
}

bool Watermarks::may_send(std::uint64_t bytes) const {
  if (!heard_ || !accepting_) return false;
  return in_flight_.empty() || in_flight_bytes_ + bytes <= window_bytes_;
}

void Watermarks::note_sent(Seq seq, std::uint64_t bytes, SteadyTime now) {
  // Sending is no progress: under steady load a loss would be asked for only when the window is
  // full.
  if (!in_flight()) last_moved_ = now;
  sent_ = seq;
  highest_sent_ = std::max(highest_sent_, seq);
  in_flight_.push_back({seq, bytes});
  in_flight_bytes_ += bytes;
}

bool Watermarks::hello_due(SteadyTime now) const {
  return !heard_ && (!last_hello_ || now - *last_hello_ >= hello_pause_);
}

void Watermarks::note_hello(SteadyTime now) {
  last_hello_ = now;
  // The answer to the first one is often missed: it comes before our subscription is known.
  hello_pause_ = std::min<std::chrono::nanoseconds>(hello_pause_ * 2, timing_.hello_again);
}

std::optional<Seq> Watermarks::probe_due(SteadyTime now) const {
  if (!heard_ || !accepting_ || !in_flight()) return std::nullopt;
  if (now - last_moved_ < timing_.probe_after) return std::nullopt;
  return sent_;
}

void Watermarks::note_probe(SteadyTime now) {
  last_moved_ = now;
  if (!unanswered_since_) unanswered_since_ = now;
}

bool Watermarks::silent(SteadyTime now) const {
  // One that takes nothing says so every second: its successor does not know that we wait.
  if (heard_ && accepting_ && !in_flight()) return false;
  if (unanswered_since_ && now - *unanswered_since_ >= timing_.deafness) return true;
  return now - std::max(round_began_, last_heard_) >= timing_.silence;
}

}  // namespace albicilla
