// Reads on in a segment behind an entry that is bad: puts right what one flipped bit explains,
// else goes on at the next place where a whole entry of the spool stands. Pure over the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/io/entry.h"

namespace albicilla {

class Salvage {
 public:
  // `bytes` are the segment's from `offset` on and must outlive the salvage.
  Salvage(std::string_view bytes, std::uint64_t offset) : bytes_(bytes), offset_(offset) {}

  struct Found {
    EntryView entry;  // lives until the next call
    std::uint64_t offset = 0;
    bool repaired = false;
  };
  // nullopt at the end.
  std::optional<Found> next();

  // What could not be read, in the order of the file; complete after the last next().
  struct Stretch {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    bool cut = false;  // the segment's last entry, cut short
  };
  const std::vector<Stretch>& lost() const { return lost_; }

 private:
  std::size_t next_entry(std::size_t from) const;

  const std::string_view bytes_;
  const std::uint64_t offset_;
  std::size_t at_ = 0;
  std::string repaired_;
  std::vector<Stretch> lost_;
};

}  // namespace albicilla
