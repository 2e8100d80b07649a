// Wakes a loop that waits on descriptors from another thread (an eventfd). Thread safe.
#pragma once

#include "common/io/file.h"

namespace albicilla {

class Wakeup {
 public:
  // Stops the process when there is no descriptor left for it.
  Wakeup();

  // Readable from signal() until the next drain().
  int fd() const { return fd_.get(); }
  void signal();
  void drain();

 private:
  Fd fd_;
};

}  // namespace albicilla
