// Deadlines of every socket in a worker, checked by one coarse tick instead of a timer per
// operation: setting one is a store, so the hot path makes no system call for it. Precise to a
// tick. A deadline stands in the slot of the time at which it must be looked at again; one that is
// put off, as an idle time is by every byte, stays where it is and moves when its slot comes. So a
// tick looks at those that are due, not at the thousands that are not.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "common/base/clock.h"

namespace albicilla {

class Deadlines;

// Something that can be told that its time is over. Must not outlive the deadlines.
class Deadline {
 public:
  explicit Deadline(Deadlines& all) : all_(all) {}
  virtual ~Deadline() { leave_slot(); }
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

  void leave_slot();

  Deadlines& all_;
  Deadline** link_ = nullptr;  // what points to this one, in a slot's list; null in none
  Deadline* next_ = nullptr;
  std::int64_t slot_time_ = 0;  // when it is looked at, in steps
  SteadyTime at_ = kNever;
  bool expired_ = false;
};

class Deadlines {
 public:
  explicit Deadlines(const Clock& clock);

  // Calls on_expired of all whose time is over; each once.
  void tick();

  const Clock& clock() const { return clock_; }

 private:
  friend class Deadline;
  static constexpr std::size_t kSlots = 1024;

  void enter(Deadline& deadline);
  void look_at(Deadline& deadline, SteadyTime now);

  const Clock& clock_;
  std::array<Deadline*, kSlots> slots_{};
  Deadline* due_ = nullptr;  // of the slot that a tick is at; a callback may remove any
  std::int64_t looked_ = 0;  // steps; the slots before this one are empty
};

}  // namespace albicilla
