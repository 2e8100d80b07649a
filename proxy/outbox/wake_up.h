// A descriptor that becomes readable when another thread signals; many signals before the sleeper
// looks are one system call.
#pragma once

#include <atomic>

#include "common/io/file.h"

namespace albicilla {

class WakeUp {
 public:
  WakeUp();

  // Any thread.
  void signal();
  // The sleeper, before it looks at what it was woken for.
  void clear();
  int descriptor() const { return fd_.get(); }

 private:
  Fd fd_;
  std::atomic<bool> signalled_{false};
};

}  // namespace albicilla
