// Lines of a group that still lack their hash: the digests of many lines are made side by side,
// which is several times faster than one by one where the processor hashes slowly. Until then a
// line holds zeros, and so does the head of its file. Not thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sink/log/file_table.h"

namespace albicilla {

class LineChains {
 public:
  // The line was appended to `group` as its last bytes, chained behind `before` with a hash of
  // zeros; `chained_bytes` of it come before the chain.
  struct Line {
    std::string_view file;
    ChainHead before;
    std::size_t bytes = 0;
    std::size_t chained_bytes = 0;
  };
  void add(const Line& line, const std::string& group);
  // So many wait that they had better be settled while they are in the cache.
  bool enough() const;

  // Writes the hashes into the group that all of them were added to, and tells the table.
  void settle(std::string& group, FileTable& files);

 private:
  struct Waiting {
    std::size_t at = 0;  // in the group
    std::size_t bytes = 0;
    std::size_t chained_bytes = 0;
    Digest before{};
    std::size_t previous = 0;  // the waiting line of the same file before it, counted from 1
  };

  std::vector<Waiting> waiting_;
  std::map<std::string, std::size_t, std::less<>> last_of_file_;  // counted from 1
  std::size_t bytes_ = 0;
};

}  // namespace albicilla
