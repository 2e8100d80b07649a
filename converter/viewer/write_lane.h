// The second half of an index pass: a thread that writes batches while the next ones are read.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/day_writer.h"

namespace albicilla::viewer {

// Made for one pass over one day. One thread gives batches and finishes.
class WriteLane {
 public:
  using Committed = std::function<void(std::vector<FreshExchange>, std::uint64_t raw_bytes)>;

  // `committed` is called on the lane's thread, or inside put() and finish() when there is none.
  WriteLane(DayWriter& writer, bool beside, Committed committed);
  ~WriteLane();

  // Waits while too many batches are waiting. The error is one of an earlier batch.
  Status put(Batch batch);
  // No more batches come. Does not wait: a thread of its own writes and commits what is left.
  void end();
  // Waits until all is written and committed, with every order of the list; ends before.
  Status finish();

 private:
  void run();
  Status write(Batch& batch);
  Status commit();
  Status complete();

  DayWriter& writer_;
  Committed committed_;
  std::vector<FreshExchange> fresh_;
  std::uint64_t uncommitted_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;
  bool ended_ = false;
  bool dropped_ = false;  // ended without finish(): what was not committed is not wanted
  Status status_;
  std::thread thread_;
};

}  // namespace albicilla::viewer
