// The newest exchanges, for those who watch the log live. A ring of fixed size: who is too slow
// misses some and is told so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace albicilla::viewer {

struct LiveItem {
  std::uint64_t number = 0;  // 1, 2, 3 … since the viewer started
  std::string json;          // the exchange's summary, as the API gives it
};

// Thread safe.
class LiveFeed {
 public:
  static constexpr std::size_t kMostItems = 512;

  void publish(std::vector<std::string> summaries);

  struct News {
    std::vector<std::shared_ptr<const LiveItem>> items;
    std::uint64_t missed = 0;  // how many were gone before they could be given out
    bool closed = false;
  };
  // Everything newer than `after`; waits up to `timeout` for the first.
  News wait(std::uint64_t after, std::chrono::milliseconds timeout);

  std::uint64_t newest() const;
  // Ends every wait, now and later.
  void close();

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const LiveItem>> items_;
  std::uint64_t newest_ = 0;
  bool closed_ = false;
};

}  // namespace albicilla::viewer
