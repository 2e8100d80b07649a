// How far a run is: counts that workers add to, shown on stderr once a second by a thread of its
// own, as a line that rewrites itself or as JSON for machines.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace albicilla {

enum class ProgressStyle : std::uint8_t { none, terminal, json };

// add() is thread safe; the rest belongs to the thread that made it.
class Progress {
 public:
  Progress(ProgressStyle style, std::uint64_t all_groups);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Shows the last state.
  ~Progress();

  // One group of files was worked on.
  void add(std::uint64_t bytes, std::uint64_t rows);
  // All groups are worked on once more.
  void restart();

 private:
  void run();
  void show(bool last) const;

  ProgressStyle style_;
  std::uint64_t all_groups_;
  std::atomic<std::uint64_t> groups_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> rows_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace albicilla
