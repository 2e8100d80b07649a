// Coroutines that wait for a position of the spool, for a sink's acknowledgement of one, or for the
// end of congestion. One thread; resuming happens in the call that says what has been reached, so a
// batch that satisfies a thousand waiters is still one event of the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "proxy/outbox/exchange_log.h"

namespace albicilla {

class Waiters {
 public:
  // Not before resume() or fail() lets it go.
  Task<Status> wait(SpoolPosition position);

  bool empty() const { return heap_.empty(); }
  // Only when not empty.
  SpoolPosition lowest() const { return heap_.front().position; }

  // Resumes all that wait for at most `through`, lowest first. Those who begin to wait meanwhile
  // are served too.
  void resume(SpoolPosition through);
  // Resumes all that wait now with the error.
  void fail(const Error& error);

 private:
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void go_on(Status status) = 0;
  };
  template <class Handler>
  class HandlerWaiter;

  struct Waiting {
    SpoolPosition position = 0;
    std::unique_ptr<Waiter> waiter;
    // For a heap with the lowest position in front.
    bool operator<(const Waiting& other) const { return position > other.position; }
  };

  void add(SpoolPosition position, std::unique_ptr<Waiter> waiter);

  std::vector<Waiting> heap_;
};

}  // namespace albicilla
