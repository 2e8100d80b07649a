// sink-bench: how many records a second one albicilla-sink makes durable, by their size, and how
// long it takes to come back after kill -9. The sink is a real process with a real disk; a thread
// of this program is its worker. Prints a line per size; with arguments, one for what they say:
//   sink-bench [BYTES RECORDS SESSIONS]
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/sink_child.h"
#include "tests/support/wire_producer.h"

namespace albicilla::tests {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// CPU seconds of all threads of a process so far.
double cpu_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  std::FILE* const file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  unsigned long user = 0;
  unsigned long system = 0;
  const int found = std::fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                                &user, &system);
  std::fclose(file);
  return found == 2 ? static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK))
                    : 0;
}

bool measure(std::size_t bytes, std::uint64_t records, std::uint64_t sessions = 100) {
  SinkChild sink;
  sink.start();
  if (!sink.wait_ready()) return false;
  WireProducer producer(sink.address(), 1);
  producer.add("warm");
  if (!producer.run(std::chrono::seconds(20))) return false;
  for (std::uint64_t i = 0; i < records; ++i) {
    producer.add("s" + std::to_string(i % sessions), bytes);
  }
  const double cpu_before = cpu_of(sink.pid());
  const auto begin = SteadyClock::now();
  if (!producer.run(std::chrono::minutes(5))) return false;
  const double seconds = seconds_since(begin);
  const double cpu = cpu_of(sink.pid()) - cpu_before;
  sink.kill();
  const auto back = SteadyClock::now();
  sink.start();
  if (!sink.wait_ready()) return false;
  const auto count = static_cast<double>(records);
  const double megabytes = count * static_cast<double>(bytes) / 1e6;
  std::printf("%8zu bytes  %9.0f records/s  %7.0f MB/s  %6.2f CPU s per 10k  back in %.2f s\n",
              bytes, count / seconds, megabytes / seconds, cpu / count * 1e4, seconds_since(back));
  std::fflush(stdout);
  return true;
}

}  // namespace
}  // namespace albicilla::tests

int main(int argc, char** argv) {
  using albicilla::tests::measure;
  if (argc == 4) {
    const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
    return measure(number(1), number(2), number(3)) ? 0 : 1;
  }
  return measure(2'000, 150'000) && measure(20'000, 20'000) && measure(200'000, 2'000) ? 0 : 1;
}
