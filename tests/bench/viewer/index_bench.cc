// Indexes a log once and tells how fast: index_bench ROOT INDEX_DIR.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>

#include "converter/viewer/indexer.h"

int main(int argc, char** argv) {
  using namespace albicilla::viewer;
  if (argc != 3) {
    std::fprintf(stderr, "usage: index_bench ROOT INDEX_DIR\n");
    return 2;
  }
  auto indexer = Indexer::open({argv[1], argv[2]}, {[](auto, bool) {}, [](const auto&) {}});
  if (!indexer) {
    std::fprintf(stderr, "%s\n", indexer.error().message.c_str());
    return 1;
  }
  const auto begin = std::chrono::steady_clock::now();
  if (const auto status = (*indexer)->run_once(); !status) {
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return 1;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double bytes = static_cast<double>((*indexer)->state().indexed_bytes);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  const double worked = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  std::printf(
      "%.1f MB in %.2f s: %.1f MB/s; %.2f s of CPU time over two threads: %.1f MB/s of one core; "
      "%ld MB resident at most\n",
      bytes / 1e6, seconds, bytes / 1e6 / seconds, worked, bytes / 1e6 / worked,
      usage.ru_maxrss / 1024);
  return 0;
}
