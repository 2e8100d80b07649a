// How the outbox's threads share processors and signals with the event loop, whose clients wait.
// The calls are wishes about the calling thread: where the kernel does not grant them, all works,
// only later.
#pragma once

namespace albicilla {

// What is sent to the process is the loop's: the kernel may hand it to any thread that takes it,
// and one that is waiting for a processor would tell the loop of its end after the next answer.
void leave_signals_to_the_loop();

// For a thread that sleeps most of the time and is waited for: it runs soon after it wakes, because
// it asks for short slices (sched(7), Linux 6.12; older kernels ignore that).
void run_promptly();

// For a thread that nobody waits for: a third of what a busy event loop gets of a processor that
// they share.
void run_behind_the_loop();

}  // namespace albicilla
