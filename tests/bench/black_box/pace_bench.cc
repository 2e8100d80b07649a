// pace-bench: delays that a relay adds, for deploy/bench.sh.
//   pace-bench provider                                      prints where it listens
//   pace-bench streams PORT STREAMS EVENTS INTERVAL_MS       RESULT events p50 p99 p99.9 us, failed
//   pace-bench latency PORT RATE SECONDS                     RESULT answers p50 p99 p99.9 us,
//   failed
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/bench/black_box/paced_events.h"

namespace {

using albicilla::bench::LatencyPlan;
using albicilla::bench::StreamPlan;

void print(std::vector<std::uint32_t> delays, unsigned failed) {
  std::sort(delays.begin(), delays.end());
  const auto at = [&](double share) {
    if (delays.empty()) return 0U;
    const auto place = static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1));
    return delays[place];
  };
  std::printf("RESULT %zu %u %u %u %u\n", delays.size(), at(0.5), at(0.99), at(0.999), failed);
}

void allow_many_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned number(const char* text) { return static_cast<unsigned>(std::strtoul(text, nullptr, 10)); }

}  // namespace

int main(int argc, char** argv) {
  const std::string_view task = argc > 1 ? argv[1] : "";
  allow_many_descriptors();
  if (task == "provider") return albicilla::bench::provide_streams();
  if (task == "streams" && argc == 6) {
    StreamPlan plan;
    plan.port = static_cast<std::uint16_t>(number(argv[2]));
    plan.streams = number(argv[3]);
    plan.events = number(argv[4]);
    plan.interval = std::chrono::milliseconds(number(argv[5]));
    const auto result = albicilla::bench::read_streams(plan);
    print(result.delays_us, result.failed);
    return 0;
  }
  if (task == "latency" && argc == 5) {
    LatencyPlan plan;
    plan.port = static_cast<std::uint16_t>(number(argv[2]));
    plan.rate = std::strtod(argv[3], nullptr);
    plan.time = std::chrono::seconds(number(argv[4]));
    const auto result = albicilla::bench::ask_at_rate(plan);
    print(result.delays_us, result.failed);
    return 0;
  }
  std::fprintf(stderr,
               "pace-bench: provider | streams PORT STREAMS EVENTS INTERVAL_MS | "
               "latency PORT RATE SECONDS\n");
  return 2;
}
