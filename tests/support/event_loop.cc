#include "tests/support/event_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace albicilla::support {
namespace {

constexpr int kMostReady = 512;

}  // namespace

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

EventLoop::~EventLoop() {
  watched_.clear();
  close(epoll_);
}

void EventLoop::add(int fd, std::uint32_t epoll_events, std::unique_ptr<Watcher> watcher) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.fd = fd;
  watched_[fd] = {std::move(watcher), ++last_number_};
  if (epoll_events != 0) epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::change(int fd, std::uint32_t epoll_events) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) {
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void EventLoop::drop(int fd) {
  const auto it = watched_.find(fd);
  if (it == watched_.end()) return;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  dropped_.push_back(std::move(it->second.watcher));
  watched_.erase(it);
}

void EventLoop::call_after(int fd, std::chrono::milliseconds delay) {
  timers_.push({std::chrono::steady_clock::now() + delay, fd, watched_.at(fd).number});
}

int EventLoop::wait_ms() const {
  if (timers_.empty()) return -1;
  const auto left = timers_.top().when - std::chrono::steady_clock::now();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 60'000));
}

void EventLoop::run_timers() {
  const Time now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.top().when <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    const auto it = watched_.find(timer.fd);
    if (it != watched_.end() && it->second.number == timer.number) it->second.watcher->on_timer();
  }
}

void EventLoop::run(const std::function<void()>& after_round) {
  std::array<epoll_event, kMostReady> ready{};
  while (running_) {
    const int count = epoll_wait(epoll_, ready.data(), kMostReady, wait_ms());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      const auto it = watched_.find(event.data.fd);
      if (it != watched_.end()) it->second.watcher->on_ready(event.events);
    }
    run_timers();
    dropped_.clear();
    after_round();
  }
}

}  // namespace albicilla::support
