// Waits for a condition with a bound, because a test must neither guess how long something takes
// nor hang when it never comes.
#pragma once

#include <chrono>
#include <thread>

namespace albicilla::support {

inline constexpr std::chrono::milliseconds kPatience{20'000};

// True as soon as `condition` is; false when it was not within `bound`.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds bound = kPatience) {
  const auto end = std::chrono::steady_clock::now() + bound;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace albicilla::support
