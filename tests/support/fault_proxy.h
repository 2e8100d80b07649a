// A TCP relay on loopback that breaks on command: resets, or swallows what goes one way or both
// while its connections stay open, as a firewall or a pulled cable does.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace albicilla::support {

class FaultProxy {
 public:
  enum class Cut : std::uint8_t {
    none,
    swallow_forward,  // what the client sends vanishes
    swallow_back,     // what the server sends vanishes
    swallow_both,
    reset,  // every connection gets RST, new ones too
  };

  // Relays to 127.0.0.1:`target`, which need not listen yet.
  explicit FaultProxy(std::uint16_t target);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  std::uint16_t port() const { return port_; }
  // Any thread. What was swallowed is gone: a connection that lost bytes is reset when it heals.
  void set(Cut cut) { cut_ = cut; }

 private:
  void run();

  const std::uint16_t target_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<Cut> cut_{Cut::none};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace albicilla::support
