// A set of Seqs in about one bit each: which records of a producer stand in the log. Blocks that
// are full cost nothing, so a sound log of any length stays small.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "common/base/strong.h"

namespace albicilla {

struct SeqRange {
  Seq first;
  Seq last;
  bool operator==(const SeqRange&) const = default;
};

class SeqSet {
 public:
  // False when it was there already.
  bool add(Seq seq);
  std::uint64_t count() const { return count_; }
  Seq highest() const { return highest_; }
  // What lacks of 1 up to `last`, at most `most` ranges.
  std::vector<SeqRange> holes(Seq last, std::size_t most) const;

 private:
  static constexpr std::uint64_t kBlockSeqs = 4096;
  struct Block {
    std::array<std::uint64_t, kBlockSeqs / 64> bits{};
    std::uint64_t count = 0;
  };

  bool has(std::uint64_t seq) const;

  std::map<std::uint64_t, std::unique_ptr<Block>> blocks_;  // null: full
  std::uint64_t count_ = 0;
  Seq highest_;
};

}  // namespace albicilla
