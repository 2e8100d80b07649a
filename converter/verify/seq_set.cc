#include "converter/verify/seq_set.h"

#include <algorithm>

namespace albicilla {

bool SeqSet::add(Seq seq) {
  auto [at, fresh] = blocks_.try_emplace(seq.value / kBlockSeqs);
  if (fresh) at->second = std::make_unique<Block>();
  if (!at->second) return false;
  const std::uint64_t within = seq.value % kBlockSeqs;
  std::uint64_t& word = at->second->bits[within / 64];
  const std::uint64_t bit = std::uint64_t{1} << (within % 64);
  if ((word & bit) != 0) return false;
  word |= bit;
  ++count_;
  highest_ = std::max(highest_, seq);
  if (++at->second->count == kBlockSeqs) at->second.reset();
  return true;
}

bool SeqSet::has(std::uint64_t seq) const {
  const auto found = blocks_.find(seq / kBlockSeqs);
  if (found == blocks_.end()) return false;
  if (!found->second) return true;
  const std::uint64_t within = seq % kBlockSeqs;
  return (found->second->bits[within / 64] >> (within % 64) & 1) != 0;
}

std::vector<SeqRange> SeqSet::holes(Seq last, std::size_t most) const {
  std::vector<SeqRange> holes;
  std::uint64_t seq = 1;
  while (seq <= last.value && holes.size() < most) {
    const auto block = blocks_.find(seq / kBlockSeqs);
    const std::uint64_t next_block = (seq / kBlockSeqs + 1) * kBlockSeqs;
    if (block != blocks_.end() && !block->second) {
      seq = next_block;
      continue;
    }
    if (has(seq)) {
      ++seq;
      continue;
    }
    const std::uint64_t first = seq;
    while (seq <= last.value && !has(seq)) ++seq;
    holes.push_back({Seq{first}, Seq{seq - 1}});
  }
  return holes;
}

}  // namespace albicilla
