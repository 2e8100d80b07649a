// Syncs a file on a thread of its own, so that whoever appends to it can go on meanwhile: a disk
// may take long, and what clients have got must not wait for it in memory.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

// One thread uses it.
class SyncThread {
 public:
  SyncThread();
  // Finishes what was begun.
  ~SyncThread();
  SyncThread(const SyncThread&) = delete;
  SyncThread& operator=(const SyncThread&) = delete;

  // Only when nothing is under way. The file must stay until wait_for() has given the outcome.
  void begin(AppendFile& file);
  // The outcome, once; nullopt when the disk needs longer.
  std::optional<Status> wait_for(std::chrono::milliseconds time);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  AppendFile* file_ = nullptr;
  std::optional<Status> outcome_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace albicilla
