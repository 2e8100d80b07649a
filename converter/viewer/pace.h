// How the index follows a log that grows quickly: a little at a time, with rests between. Whoever
// writes the log at full speed shares caches, memory and often the very core with it, so low
// priority alone still costs him a seventh; a bounded share of the time does not.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace albicilla::viewer {

// How many bytes one turn takes while the log grows, and while it does not.
inline constexpr std::uint64_t kTurnBytes = std::uint64_t{256} << 10;
inline constexpr std::uint64_t kQuietTurnBytes = std::uint64_t{16} << 20;

// The rest behind a turn that took `worked` of processor time, by an index that has been `behind`
// for so long: a burst is let pass, what lasts is worked off at a higher share.
inline std::chrono::nanoseconds rest_after(std::chrono::nanoseconds worked,
                                           std::chrono::nanoseconds behind) {
  constexpr std::chrono::seconds kBurst{10};
  constexpr std::chrono::milliseconds kLongest{400};  // a second is what the live tail has
  const int share = behind < kBurst ? 40 : 20;        // one part of so many
  return std::min<std::chrono::nanoseconds>(worked * (share - 1), kLongest);
}

// Files that have something new, in the order in which they were first named. One thread.
class WaitingFiles {
 public:
  void add(const std::string& name) {
    if (names_.insert(name).second) order_.push_back(name);
  }
  std::optional<std::string> take() {
    if (order_.empty()) return std::nullopt;
    std::string name = std::move(order_.front());
    order_.pop_front();
    names_.erase(name);
    return name;
  }
  bool empty() const { return order_.empty(); }
  void clear() {
    order_.clear();
    names_.clear();
  }

 private:
  std::deque<std::string> order_;
  std::unordered_set<std::string> names_;
};

}  // namespace albicilla::viewer
