// Parts of a message that a stream calls by index: choices, content blocks, output items. Private
// to this room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace albicilla {

// Part: a type with Part(index), index() and write(out).
template <class Part>
class IndexedList {
 public:
  bool empty() const { return parts_.empty(); }
  std::size_t size() const { return parts_.size(); }

  // The part of that index, made when absent; stays where it is.
  Part& at(std::uint64_t index) {
    const std::size_t most = std::min(parts_.size(), kMostLookups);
    for (std::size_t back = 1; back <= most; ++back) {
      Part& part = parts_[parts_.size() - back];
      if (part.index() == index) return part;
    }
    return parts_.emplace_back(index);
  }

  // The JSON array of all parts in the order of their indices.
  std::string array() {
    std::vector<Part*> sorted;
    for (Part& part : parts_) sorted.push_back(&part);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Part* a, const Part* b) { return a->index() < b->index(); });
    std::string out;
    char before = '[';
    for (Part* part : sorted) {
      out.push_back(before);
      part->write(out);
      before = ',';
    }
    return out.append(parts_.empty() ? "[]" : "]");
  }

 private:
  // Real messages have few parts. A hostile stream must not cost the square of its length; behind
  // this many, an index that comes back makes a part of its own.
  static constexpr std::size_t kMostLookups = 512;

  std::deque<Part> parts_;
};

}  // namespace albicilla
