// Both ends of what deploy/bench.sh measures the delay of: a provider whose streams write one event
// every interval with the time of its writing inside, and a client that reads many streams at once.
// One clock: both run on one machine. One thread each.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace albicilla::bench {

struct StreamPlan {
  std::uint16_t port = 0;  // of the relay, or of the provider itself
  unsigned streams = 100;
  unsigned events = 50;  // of each stream
  std::chrono::milliseconds interval{100};
};

struct StreamResult {
  std::vector<std::uint32_t> delays_us;  // of every event
  unsigned failed = 0;                   // streams that did not come to their end
};

// Serves until the process is killed; prints "listening 127.0.0.1:PORT".
int provide_streams();
StreamResult read_streams(const StreamPlan& plan);

struct LatencyPlan {
  std::uint16_t port = 0;
  double rate = 500;  // requests a second, sent at their times whatever came back
  std::chrono::seconds time{5};
};
struct LatencyResult {
  std::vector<std::uint32_t> delays_us;  // from the time when it should have been sent
  unsigned failed = 0;
};
LatencyResult ask_at_rate(const LatencyPlan& plan);

}  // namespace albicilla::bench
