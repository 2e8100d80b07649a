// Keeps the index up to date: looks for new lines in the background and writes them into the
// databases of their days. Reading and taking lines apart runs beside writing. Never in the way of
// whoever writes the log: lowest priority of processor and disk, no locks, no syncs, and only a
// share of the time while the log grows.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/result.h"
#include "common/io/file.h"
#include "converter/viewer/day_scan.h"
#include "converter/viewer/day_writer.h"
#include "converter/viewer/file_watch.h"
#include "converter/viewer/pace.h"
#include "converter/viewer/write_lane.h"

namespace albicilla::viewer {

struct IndexOptions {
  std::filesystem::path root;
  std::filesystem::path index_dir;
};

// What the page shows of the work.
struct IndexState {
  std::uint64_t indexed_bytes = 0;  // since start
  std::uint64_t pending_bytes = 0;  // known, but not indexed yet
  bool first_pass_done = false;
  std::string error;  // of the last pass, empty when it went well
};

class Indexer {
 public:
  struct Listener {
    // New exchanges are in the database. Called from the index thread; `backlog` while the first
    // pass catches up with what was there before.
    std::function<void(std::vector<FreshExchange>, bool backlog)> fresh;
    // The database of a day is gone or made anew: open connections must be dropped.
    std::function<void(const std::string& day)> replaced;
  };

  static Result<std::unique_ptr<Indexer>> open(IndexOptions options, Listener listener);
  ~Indexer();

  // Indexes everything that is there now, on the calling thread.
  Status run_once();
  // Follows the log on a thread of its own until stop().
  void start();
  void stop();

  IndexState state() const;

 private:
  Indexer(IndexOptions options, Listener listener, Fd lock, HashKey key);

  // Of a day, from its first batch to its last commit.
  struct Pass {
    std::string day;
    WriteLane lane;
  };

  void follow();
  Status list_everything(bool all_days);
  Status index_days(const std::vector<std::string>& days);
  Status index_day(const std::string& day);
  Status index_files(const FileChanges& changes, std::uint64_t most_bytes);
  Status look_at_days(const std::set<std::string>& days);
  // Of each file that grows `most_bytes`.
  Status run_pass(const std::string& day, const std::vector<LogFile>& files,
                  const std::map<std::string, FileProgress>& known,
                  std::uint64_t most_bytes = UINT64_MAX);
  Status end_pass(std::unique_ptr<Pass> pass);
  Status finish_pass();
  void lose_transaction(const std::string& day);
  Status rebuild(const std::string& day, std::string_view why);
  Result<DayWriter*> writer(const std::string& day);
  void close_idle_writers(const std::string& keep);
  void drop_vanished_days(const std::vector<std::string>& days);
  void note(const Status& status);

  IndexOptions options_;
  Listener listener_;
  Fd lock_;
  std::string boot_;
  FileWatch watch_;
  DayScan scan_;
  std::map<std::string, std::unique_ptr<DayWriter>> writers_;
  std::unique_ptr<Pass> passing_;  // of the day before, whose end is written beside reading
  WaitingFiles waiting_;
  std::chrono::steady_clock::time_point behind_since_;  // while files are waiting
  bool following_ = false;                              // what was there at first is indexed
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
  mutable std::mutex mutex_;
  IndexState state_;
};

}  // namespace albicilla::viewer
