#include "proxy/traffic/deadlines.h"

namespace albicilla {

Deadline::Deadline(Deadlines& all) : all_(all), next_(all.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  all_.first_ = this;
}

Deadline::~Deadline() {
  if (all_.walking_ == this) all_.walking_ = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    all_.first_ = next_;
  }
}

void Deadline::expires_after(std::chrono::milliseconds span) {
  at_ = all_.clock_.steady() + span;
  expired_ = false;
}

void Deadlines::tick() {
  const SteadyTime now = clock_.steady();
  for (Deadline* deadline = first_; deadline != nullptr; deadline = walking_) {
    walking_ = deadline->next_;
    if (deadline->at_ > now) continue;
    deadline->at_ = Deadline::kNever;
    deadline->expired_ = true;
    deadline->on_expired();
  }
  walking_ = nullptr;
}

}  // namespace albicilla
