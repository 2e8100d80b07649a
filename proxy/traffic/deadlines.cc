#include "proxy/traffic/deadlines.h"

#include <algorithm>
#include <utility>

namespace albicilla {
namespace {

constexpr std::chrono::milliseconds kStep{100};

std::int64_t steps_of(SteadyTime time) { return time.time_since_epoch() / kStep; }

}  // namespace

void Deadline::expires_after(std::chrono::milliseconds span) {
  at_ = all_.clock_.steady() + span;
  expired_ = false;
  if (link_ == nullptr || steps_of(at_) < slot_time_) {
    leave_slot();
    all_.enter(*this);
  }
}

void Deadline::leave_slot() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
}

Deadlines::Deadlines(const Clock& clock) : clock_(clock), looked_(steps_of(clock.steady())) {}

// Those beyond the last slot are looked at there, and go on.
void Deadlines::enter(Deadline& deadline) {
  const auto last = looked_ + static_cast<std::int64_t>(kSlots) - 1;
  deadline.slot_time_ = std::clamp(steps_of(deadline.at_), looked_, last);
  Deadline*& first = slots_[static_cast<std::size_t>(deadline.slot_time_) % kSlots];
  deadline.next_ = first;
  deadline.link_ = &first;
  if (first != nullptr) first->link_ = &deadline.next_;
  first = &deadline;
}

void Deadlines::look_at(Deadline& deadline, SteadyTime now) {
  deadline.leave_slot();
  if (deadline.at_ == Deadline::kNever) return;
  if (deadline.at_ > now) return enter(deadline);
  deadline.at_ = Deadline::kNever;
  deadline.expired_ = true;
  deadline.on_expired();
}

// The slot of this moment is looked at again by the next tick: it may hold what is due after now.
void Deadlines::tick() {
  const SteadyTime now = clock_.steady();
  const std::int64_t until = steps_of(now);
  auto at = std::max(looked_, until - static_cast<std::int64_t>(kSlots) + 1);
  for (; at <= until; ++at) {
    looked_ = at;
    due_ = std::exchange(slots_[static_cast<std::size_t>(at) % kSlots], nullptr);
    if (due_ != nullptr) due_->link_ = &due_;
    while (due_ != nullptr) look_at(*due_, now);
  }
}

}  // namespace albicilla
