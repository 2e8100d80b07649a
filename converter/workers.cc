#include "converter/workers.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "converter/interrupt.h"

namespace albicilla {

namespace {

// What all workers together may hold in texts, and again in finished rows.
constexpr std::size_t kTextBudget = std::size_t{20} << 20;
constexpr std::size_t kRowBudget = std::size_t{12} << 20;

struct Finished {
  Finished(std::size_t budget, const std::filesystem::path& folder) : rows(budget, folder) {}
  RowStage rows;
  Tally tally;
  Status status;
};

// Groups are taken in order; a worker waits when it is too far ahead of the sink.
class Board {
 public:
  Board(std::size_t groups, std::size_t window) : groups_(groups), window_(window) {}

  // False when there is nothing left.
  bool take(std::size_t& number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || next_ == groups_ || next_ < done_ + window_; });
    if (stopped_ || next_ == groups_) return false;
    number = next_++;
    return true;
  }

  void put(std::size_t number, std::unique_ptr<Finished> finished) {
    const std::lock_guard lock(mutex_);
    finished_.emplace(number, std::move(finished));
    changed_.notify_all();
  }

  std::unique_ptr<Finished> wait_for(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_.contains(number); });
    auto finished = std::move(finished_[number]);
    finished_.erase(number);
    done_ = number + 1;
    changed_.notify_all();
    return finished;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, std::unique_ptr<Finished>> finished_;
  std::size_t groups_;
  std::size_t window_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  bool stopped_ = false;
};

Status stopped() { return our_error("interrupted"); }

Status run_alone(const Run& run, const std::vector<LogGroup>& groups, RowSink& sink, Tally& tally) {
  GroupWork work(run, kTextBudget);
  for (const LogGroup& group : groups) {
    if (is_interrupted()) return stopped();
    auto status = work.run(group, run.sessions, sink, tally);
    tally.found_mixed = work.found_mixed();
    if (!status) return status;
  }
  return {};
}

}  // namespace

Status run_groups(const Run& run, const std::vector<LogGroup>& groups, RowSink& sink,
                  Tally& tally) {
  const std::size_t jobs = std::min(run.options.jobs, groups.size());
  if (jobs < 2) return run_alone(run, groups, sink, tally);
  const std::size_t window = 4 * jobs;
  Board board(groups.size(), window);
  const auto work_on = [&] {
    GroupWork work(run, kTextBudget / jobs);
    std::size_t number = 0;
    while (board.take(number)) {
      std::unique_ptr<Finished> finished;
      const auto work_as = [&](Sessions sessions) {
        finished = std::make_unique<Finished>(kRowBudget / window, run.options.output);
        finished->status = work.run(groups[number], sessions, finished->rows, finished->tally);
      };
      work_as(run.sessions);
      if (work.found_mixed()) work_as(Sessions::mixed);
      board.put(number, std::move(finished));
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < jobs; ++i) threads.emplace_back(work_on);
  Status status;
  for (std::size_t number = 0; status && number < groups.size(); ++number) {
    const auto finished = board.wait_for(number);
    status = is_interrupted() ? stopped() : finished->status;
    if (status) status = finished->rows.drain(sink);
    tally.add(std::move(finished->tally));
  }
  board.stop();
  for (std::thread& thread : threads) thread.join();
  return status;
}

}  // namespace albicilla
