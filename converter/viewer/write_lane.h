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
  // Writes and commits all; the lane is of no more use then.
  Status finish();

 private:
  void run();
  Status write(Batch& batch);
  Status commit();

  DayWriter& writer_;
  Committed committed_;
  std::vector<FreshExchange> fresh_;
  std::uint64_t uncommitted_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;
  bool ended_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace albicilla::viewer
