// The file prefixes that POST /sessions has given to sessions. Bounded: beyond the most, the one
// that was set first goes. Not thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

class PrefixTable {
 public:
  static constexpr std::size_t kMost = 100'000;

  // An empty prefix takes the session's away.
  void set(std::string_view session, std::string_view prefix);
  std::string_view of(std::string_view session) const;
  std::size_t size() const { return prefixes_.size(); }

  std::string encode() const;
  Status restore(std::string_view bytes);

 private:
  struct Prefix {
    std::string text;
    std::uint64_t number = 0;
  };
  std::map<std::string, Prefix, std::less<>> prefixes_;
  std::map<std::uint64_t, std::string> by_number_;  // sessions in the order in which they were set
  std::uint64_t next_number_ = 1;
};

}  // namespace albicilla
