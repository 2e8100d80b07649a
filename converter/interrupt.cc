#include "converter/interrupt.h"

#include <atomic>
#include <csignal>

namespace albicilla {

namespace {

// A signal handler reaches nothing but globals.
std::atomic<bool> interrupted{false};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void mark_interrupt(int signal) {
  interrupted.store(true);
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_for_interrupt() {
  std::signal(SIGINT, mark_interrupt);
  std::signal(SIGTERM, mark_interrupt);
}

bool is_interrupted() { return interrupted.load(); }

}  // namespace albicilla
