#include "common/chain/merkle.h"

#include <cstdlib>
#include <string>

namespace albicilla {

namespace {

Digest node_of(const Digest& left, const Digest& right) {
  std::string bytes(1, '\1');
  bytes.append(reinterpret_cast<const char*>(left.data()), left.size());
  bytes.append(reinterpret_cast<const char*>(right.data()), right.size());
  return sha256(bytes);
}

}  // namespace

Digest merkle_leaf(std::string_view bytes) {
  std::string prefixed(1, '\0');
  prefixed += bytes;
  return sha256(prefixed);
}

void MerkleTree::set(std::size_t index, const Digest& leaf) {
  if (levels_.empty()) levels_.emplace_back();
  std::vector<Digest>& leaves = levels_.front();
  if (index > leaves.size()) std::abort();  // a hole would have no meaning
  if (index == leaves.size()) leaves.emplace_back();
  leaves[index] = leaf;
  changed_.insert(index);
}

Digest MerkleTree::root() {
  if (size() == 0) return sha256("");
  std::unordered_set<std::size_t> changed = std::move(changed_);
  changed_.clear();
  for (std::size_t level = 0; levels_[level].size() > 1; ++level) {
    if (level + 1 == levels_.size()) levels_.emplace_back();
    const std::vector<Digest>& below = levels_[level];
    std::vector<Digest>& above = levels_[level + 1];
    above.resize((below.size() + 1) / 2);
    std::unordered_set<std::size_t> parents;
    for (const std::size_t child : changed) parents.insert(child / 2);
    for (const std::size_t parent : parents) {
      const std::size_t left = 2 * parent;
      // A node without a sibling stands for itself one level up.
      above[parent] = left + 1 < below.size() ? node_of(below[left], below[left + 1]) : below[left];
    }
    changed = std::move(parents);
  }
  return levels_.back().front();
}

}  // namespace albicilla
