#include "proxy/outbox/wake_up.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdlib>

namespace albicilla {

WakeUp::WakeUp() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_.valid()) std::abort();  // no descriptors left at start: nothing would work
}

void WakeUp::signal() {
  if (signalled_.exchange(true)) return;
  const eventfd_t one = 1;
  // Fails only when the counter is full, and then the descriptor is readable anyway.
  (void)::eventfd_write(fd_.get(), one);
}

void WakeUp::clear() {
  eventfd_t count = 0;
  (void)::eventfd_read(fd_.get(), &count);
  // After the read: a signal in between writes again, at worst one look for nothing.
  signalled_ = false;
}

}  // namespace albicilla
