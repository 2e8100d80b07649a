// Every distinct beginning of a conversation once: a node is an item behind its parent's items, so
// two requests that start with the same items share nodes. Knows nothing of time or of who produced
// an item; conversation_tree does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "converter/reading/hash128.h"
#include "converter/reading/hash_index.h"
#include "converter/reading/items.h"

namespace albicilla {

using NodeId = std::uint32_t;
inline constexpr NodeId kRootNode = 0;        // before the first item of a conversation
inline constexpr NodeId kSystemRootNode = 1;  // before the first system item of a request

struct TrieNode {
  Hash128 item;  // of this item alone
  NodeId parent = kRootNode;
  std::uint32_t depth = 0;
  std::uint32_t first_piece = 0;  // in the trie's list of pieces
  std::uint32_t piece_count = 0;
  std::uint32_t call = 0;  // a result: which of the calls before it, by their order
  Role role = Role::user;
  bool unknown_result = false;  // answers a call that was never made
  bool joined = false;          // the last piece goes on where the one before broke off
};

// Numbers of the stored items that make up one item (neighbouring assistant messages are one).
using Pieces = std::span<const std::uint32_t>;

class ItemTrie {
 public:
  ItemTrie() { clear(); }
  void clear();

  // Nodes of different sessions are never the same. Another session begins; its number.
  std::uint32_t begin_session() { return session_ = ++sessions_; }
  // What follows is of this session again.
  void enter_session(std::uint32_t number) { session_ = number; }
  std::uint32_t session() const { return session_; }

  // The node for this item behind `node.parent`; made with `pieces` when there is none.
  NodeId intern(TrieNode node, Pieces pieces);
  // Another spelling of the same item stands for it from now on.
  void respell(NodeId id, Pieces pieces, bool joined);

  const TrieNode& operator[](NodeId id) const { return nodes_[id]; }
  Pieces pieces(NodeId id) const {
    return Pieces(pieces_).subspan(nodes_[id].first_piece, nodes_[id].piece_count);
  }
  std::size_t size() const { return nodes_.size(); }

 private:
  std::uint32_t add_pieces(Pieces pieces);

  std::vector<TrieNode> nodes_;
  std::vector<std::uint32_t> pieces_;
  HashIndex index_;  // by session, parent and item
  std::uint32_t session_ = 0;
  std::uint32_t sessions_ = 0;  // the last number that was given out
};

}  // namespace albicilla
