// One thread, one epoll, one heap of timers: enough for thousands of streams, and nothing between
// a test program and the system calls that a bench pays for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <unordered_map>
#include <vector>

namespace albicilla::support {

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(std::uint32_t epoll_events) = 0;
  virtual void on_timer() {}
};

class EventLoop {
 public:
  using Time = std::chrono::steady_clock::time_point;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Takes the watcher and keeps it until drop(). With no events only its timers run, until
  // change(): a socket that is not connected yet would report a hang-up without end.
  void add(int fd, std::uint32_t epoll_events, std::unique_ptr<Watcher> watcher);
  void change(int fd, std::uint32_t epoll_events);
  // The watcher of `fd` goes at the end of the current round; it closes its fd itself.
  void drop(int fd);
  // One call of the watcher's on_timer, unless it is dropped before.
  void call_after(int fd, std::chrono::milliseconds delay);

  // `after_round` is called when all that was ready has been served.
  void run(const std::function<void()>& after_round);
  void stop() { running_ = false; }

 private:
  struct Watched {
    std::unique_ptr<Watcher> watcher;
    std::uint64_t number = 0;  // file descriptors are used again, numbers are not
  };
  struct Timer {
    Time when;
    int fd;
    std::uint64_t number;
    bool operator>(const Timer& other) const { return when > other.when; }
  };

  int wait_ms() const;
  void run_timers();

  int epoll_ = -1;
  bool running_ = true;
  std::uint64_t last_number_ = 0;
  std::unordered_map<int, Watched> watched_;
  std::vector<std::unique_ptr<Watcher>> dropped_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace albicilla::support
