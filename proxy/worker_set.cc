#include "proxy/worker_set.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

#include "common/base/log.h"

namespace albicilla {

Result<WorkerSet::Seat> WorkerSet::make_seat(const Handover& handover, std::uint32_t slot) const {
  auto page = Counters::make_page();
  if (!page) return page.error();
  Fd descriptor(*page);
  auto counters = Counters::map(descriptor.get());
  if (!counters) return counters.error();
  ChildPlan plan;
  plan.name = "worker " + std::to_string(slot);
  plan.executable = parts_.executable;
  plan.arguments = {"worker", std::to_string(slot)};
  plan.inherited =
      handover.descriptors(parts_.listening[slot], descriptor.get(), parts_.shared_page);
  return Seat{ChildProcess(std::move(plan)), std::move(descriptor), *std::move(counters), false};
}

Result<std::vector<WorkerSet::Seat>> WorkerSet::start_seats(const Handover& handover,
                                                            SteadyTime now) const {
  std::vector<Seat> seats;
  Status good;
  for (std::uint32_t slot = 0; good && slot < parts_.listening.size(); ++slot) {
    auto seat = make_seat(handover, slot);
    if (!seat) {
      good = seat.error();
      break;
    }
    good = seat->process.start(now);
    seats.push_back(*std::move(seat));
  }
  if (good) return seats;
  for (const Seat& seat : seats) seat.process.signal(SIGTERM);
  return good.error();
}

// The new ones first: from then on they take what the old ones no longer do.
Status WorkerSet::begin(Handover handover, SteadyTime now) {
  auto fresh = start_seats(handover, now);
  if (!fresh) return fresh.error();
  handover_ = std::move(handover);
  const std::lock_guard lock(mutex_);
  for (Seat& seat : seats_) {
    seat.leaving = true;
    seat.process.signal(SIGUSR1);
  }
  for (Seat& seat : *fresh) seats_.push_back(std::move(seat));
  forget_gone();
  return {};
}

WorkerSet::Reaped WorkerSet::reap(pid_t pid, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  for (Seat& seat : seats_) {
    if (seat.process.pid() != pid) continue;
    Reaped reaped{seat.process.name(), seat.leaving};
    seat.process.ended(now);
    forget_gone();
    return reaped;
  }
  return {};
}

// Their totals go on; what they had open is no more.
void WorkerSet::forget_gone() {
  std::erase_if(seats_, [this](const Seat& seat) {
    if (!seat.leaving || seat.process.runs()) return false;
    seat.counters.sum_into(gone_);
    gone_.gauges = {};
    return true;
  });
}

void WorkerSet::restart_dead(SteadyTime now) {
  for (Seat& seat : seats_) {
    if (seat.process.runs() || seat.process.next_start() > now) continue;
    if (Status started = seat.process.start(now); !started) {
      log_error("cannot start a process",
                {{"name", seat.process.name()}, {"error", started.error().message}});
      seat.process.ended(now);
    }
  }
}

void WorkerSet::signal(int number) const {
  for (const Seat& seat : seats_) seat.process.signal(number);
}

bool WorkerSet::any_runs() const {
  return std::any_of(seats_.begin(), seats_.end(),
                     [](const Seat& seat) { return seat.process.runs(); });
}

SteadyTime WorkerSet::next_start() const {
  SteadyTime next = SteadyTime::max();
  for (const Seat& seat : seats_) {
    if (!seat.process.runs()) next = std::min(next, seat.process.next_start());
  }
  return next;
}

CounterSums WorkerSet::sums() const {
  const std::lock_guard lock(mutex_);
  CounterSums all = gone_;
  for (const Seat& seat : seats_) seat.counters.sum_into(all);
  return all;
}

}  // namespace albicilla
