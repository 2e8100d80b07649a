// The spool's room: the segment that is prepared ahead, the limit, and waiting for a disk that is
// full.
#include "proxy/outbox/spool.h"

namespace albicilla {

namespace {

constexpr std::chrono::milliseconds kRoomPause{200};

}  // namespace

Status Spool::try_to_prepare() {
  Status status = writer_.started() ? Status() : writer_.start();
  if (status) status = writer_.reserve_ahead();
  account();
  reserved_ = status.ok();
  return status;
}

// Waits for room as long as that takes. False: end the thread.
bool Spool::prepare() {
  while (true) {
    const Status status = try_to_prepare();
    if (status) {
      change_state(State::working, nullptr);
      return true;
    }
    const bool no_room = is_no_room(status.error());
    change_state(no_room ? State::no_room : State::broken, &status.error());
    if (!no_room || !wait_for_room()) return false;
  }
}

// Returns when trying again may help; false when the spool is to stop.
bool Spool::wait_for_room() {
  std::unique_lock lock(mutex_);
  if (stopping_) return false;
  wanted_ = Wanted::soon;  // only those who wait are a reason to try earlier
  sleeping_ = true;
  wakes_ = Wanted::now;
  wake_.wait_for(lock, kRoomPause);
  sleeping_ = false;
  return true;
}

bool Spool::over_limit(std::uint64_t bytes) const {
  return room_.used_bytes.load() + bytes > room_.limit_bytes;
}

// The index knows what was added; what was removed the sender takes off itself.
void Spool::account() {
  const std::uint64_t bytes = writer_.appended_bytes();
  room_.used_bytes += bytes - accounted_bytes_;
  accounted_bytes_ = bytes;
}

}  // namespace albicilla
