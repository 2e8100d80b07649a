#include "converter/reading/item_trie.h"

#include <algorithm>

namespace albicilla {

void ItemTrie::clear() {
  nodes_.clear();
  nodes_.resize(2);
  nodes_[kSystemRootNode].role = Role::system;
  pieces_.clear();
  index_.clear();
  session_ = sessions_ = 0;
}

std::uint32_t ItemTrie::add_pieces(Pieces pieces) {
  const auto first = static_cast<std::uint32_t>(pieces_.size());
  pieces_.insert(pieces_.end(), pieces.begin(), pieces.end());
  return first;
}

NodeId ItemTrie::intern(TrieNode node, Pieces pieces) {
  const std::uint64_t place = std::uint64_t{session_} << 32 | node.parent;
  const Hash128 key = combine({place, static_cast<std::uint64_t>(node.role)}, node.item);
  const std::uint32_t found = index_.find(key);
  if (found != HashIndex::kNone) return found;
  node.depth = nodes_[node.parent].depth + 1;
  node.first_piece = add_pieces(pieces);
  node.piece_count = static_cast<std::uint32_t>(pieces.size());
  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.push_back(node);
  index_.put(key, id);
  return id;
}

void ItemTrie::respell(NodeId id, Pieces pieces, bool joined) {
  TrieNode& node = nodes_[id];
  if (pieces.size() <= node.piece_count) {
    std::copy(pieces.begin(), pieces.end(), pieces_.begin() + node.first_piece);
  } else {
    node.first_piece = add_pieces(pieces);
  }
  node.piece_count = static_cast<std::uint32_t>(pieces.size());
  node.joined = joined;
}

}  // namespace albicilla
