// A Merkle tree over an append-only list of leaves that may change in place (RFC 6962's shape and
// prefixes): one root speaks for all files of a day. Not thread safe.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/base/digest.h"

namespace albicilla {

// SHA-256(0x00 || bytes): can never be taken for an inner node.
Digest merkle_leaf(std::string_view bytes);

class MerkleTree {
 public:
  // At most one behind the last leaf, which then grows the tree.
  void set(std::size_t index, const Digest& leaf);
  std::size_t size() const { return levels_.empty() ? 0 : levels_.front().size(); }
  // SHA-256 of nothing for an empty tree. Costs what has changed since the last call.
  Digest root();

 private:
  std::vector<std::vector<Digest>> levels_;  // leaves first, the root's level last
  std::unordered_set<std::size_t> changed_;  // leaves
};

}  // namespace albicilla
