#include "proxy/outbox/thread_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <initializer_list>

namespace albicilla {
namespace {

constexpr int kBehind = 5;                        // nice
constexpr std::uint64_t kShortSliceNs = 100'000;  // the least that the kernel grants

// As the kernel has it (sched_setattr(2)); the C library has no call for it.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

void leave_signals_to_the_loop() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&signals, one);
  (void)::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void run_promptly() {
  SchedulingAttributes attributes;
  attributes.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  attributes.runtime = kShortSliceNs;
  (void)::syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

void run_behind_the_loop() {
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kBehind);
}

}  // namespace albicilla
