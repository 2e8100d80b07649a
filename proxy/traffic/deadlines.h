// Deadlines of every socket in a worker, checked by one coarse tick instead of a timer per
// operation: setting one is a store, so the hot path makes no system call for it. Precise to a
// tick.
#pragma once

#include <chrono>

#include "common/base/clock.h"

namespace albicilla {

class Deadlines;

// Something that can be told that its time is over. In the list from construction to destruction.
class Deadline {
 public:
  explicit Deadline(Deadlines& all);
  virtual ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void expires_after(std::chrono::milliseconds span);
  void expires_never() { at_ = kNever; }
  // Stays true until the next expires_after.
  bool expired() const { return expired_; }

 protected:
  virtual void on_expired() = 0;

 private:
  friend class Deadlines;
  static constexpr SteadyTime kNever = SteadyTime::max();

  Deadlines& all_;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  SteadyTime at_ = kNever;
  bool expired_ = false;
};

class Deadlines {
 public:
  explicit Deadlines(const Clock& clock) : clock_(clock) {}

  // Calls on_expired of all whose time is over; each once.
  void tick();

  const Clock& clock() const { return clock_; }

 private:
  friend class Deadline;
  const Clock& clock_;
  Deadline* first_ = nullptr;
  Deadline* walking_ = nullptr;  // next one of a tick under way, so that a callback may remove any
};

}  // namespace albicilla
