#include "proxy/traffic/input.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace albicilla {

Input::Input(NetStream& stream, LoopExecutor executor, std::size_t first, std::size_t most)
    : stream_(stream), arrived_(executor), first_(first), most_(most) {}

void Input::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_ && !reading_) begin_ = end_ = 0;
}

// The buffer may only move while no read is under way.
bool Input::make_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (capacity_ - end_ >= first_ / 2 && capacity_ != 0) return true;
  const std::size_t held = end_ - begin_;
  if (held >= most_) return false;
  // Doubles while full reads keep coming: small requests stay small, bodies get big reads.
  std::size_t wanted = std::max(first_, capacity_);
  if (held * 2 > capacity_) wanted = std::min(most_, std::max(first_, capacity_ * 2));
  if (wanted == capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  } else {
    std::unique_ptr<char[]> grown(new char[wanted]);
    if (held > 0) std::memcpy(grown.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(grown);
    capacity_ = wanted;
  }
  begin_ = 0;
  end_ = held;
  return true;
}

bool Input::start() {
  if (reading_) return true;
  if (ended_ || !make_room()) return false;
  reading_ = true;
  stream_.read_in_background(boost::asio::mutable_buffer(buffer_.get() + end_, capacity_ - end_),
                             [this](NetError error, std::size_t count) { take(error, count); });
  return true;
}

void Input::take_at_once(std::function<bool()> taker, LateReads& late) {
  taker_ = std::move(taker);
  late_ = &late;
}

void Input::take(NetError error, std::size_t count) {
  reading_ = false;
  end_ += count;
  if (error) {
    ended_ = true;
    const bool orderly = error == boost::asio::error::eof;
    if (!orderly) error_ = error;
    if (on_end_) std::exchange(on_end_, nullptr)();
  }
  if (!waiting_) return;
  if (error || !taker_ || !taker_()) return resume();
  is_late_ = true;
  cancels_ = stream_.cancels();
  late_->add(*this);
}

void Input::begin_late() {
  is_late_ = false;
  if (reading_) return;
  if (stream_.cancels() != cancels_) return take(boost::asio::error::operation_aborted, 0);
  if (!start() && waiting_) resume();
}

void Input::forget_late() {
  if (std::exchange(is_late_, false)) late_->remove(*this);
}

void Input::resume() {
  waiting_ = false;
  arrived_.resume();
}

Task<bool> Input::more() {
  if (!start()) co_return false;
  waiting_ = true;
  co_await arrived_.wait();
  co_return !ended_;
}

void Input::nudge() {
  if (!waiting_) return;
  waiting_ = false;
  arrived_.notify();
}

void Input::watch(std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  start();
}

Task<void> Input::settled() {
  while (reading_) {
    waiting_ = true;
    co_await arrived_.wait();
  }
}

void Input::shrink() {
  if (reading_ || begin_ != end_ || capacity_ <= first_) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace albicilla
