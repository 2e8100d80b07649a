// When how much of an answer had gone by, on the clock that all processes of a machine share: two
// journals of one answer can be laid side by side.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace albicilla::support {

struct Moment {
  std::chrono::microseconds when{};  // steady clock
  std::uint64_t bytes = 0;           // of the body so far
};
using Timeline = std::vector<Moment>;

inline void add_moment(Timeline& timeline, std::uint64_t bytes) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  timeline.push_back({std::chrono::duration_cast<std::chrono::microseconds>(now), bytes});
}

// "[[microseconds,bytes],…]"
inline std::string timeline_json(const Timeline& timeline) {
  std::string json = "[";
  for (const Moment& moment : timeline) {
    if (json.size() > 1) json += ',';
    json += '[' + std::to_string(moment.when.count()) + ',' + std::to_string(moment.bytes) + ']';
  }
  return json + ']';
}

}  // namespace albicilla::support
