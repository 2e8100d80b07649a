// From the items of one request to its path in the trie: neighbouring assistant items become one,
// results are sorted by the order of their calls. Keeps its state between the requests of one lane,
// so that a request costs only what is new in it.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/item_store.h"
#include "converter/reading/item_trie.h"

namespace albicilla {

// Not thread safe. `store` and `trie` must outlive it.
class PathBuilder {
 public:
  PathBuilder(ItemStore& store, ItemTrie& trie) : store_(&store), trie_(&trie) {}

  // Starts behind `start` (kRootNode unless the request goes on with an earlier answer).
  void reset(NodeId start);
  // Forgets the items of all messages from this one on.
  void cut(std::uint32_t message_count);
  // The next message's item. System items before any other are no part of the path.
  Status add(std::uint32_t item, std::uint32_t message);
  // The path's last node; the start when there are no items.
  Result<NodeId> finish();
  // The node of an answer behind the path; the path itself stays as it was.
  Result<NodeId> finish_with(std::span<const std::uint32_t> answer);

  // System items that stood before all others, in their order.
  template <class Visit>
  void each_system_item(const Visit& visit) const {
    for (const Piece& piece : system_) visit(piece.item);
  }

 private:
  struct Piece {
    std::uint32_t item;
    std::uint32_t message;
  };
  // Pieces that close together: one or more assistant items, or results, or one item of any other
  // role.
  struct Run {
    std::uint32_t first_piece;
    NodeId before;  // the path's last node before this run
  };

  bool extends_run(Role role) const;
  Status close_run();
  Result<NodeId> assistant_node(NodeId parent, std::span<const Piece> pieces);
  Result<NodeId> result_nodes(NodeId parent, std::span<const Piece> pieces);
  NodeId single_node(NodeId parent, const Piece& piece);
  // The calls that the results of the last run may answer, in their order.
  std::vector<CallKey> open_calls() const;
  bool is_answer(const Piece& piece) const { return piece.message == kAnswer; }

  static constexpr std::uint32_t kAnswer = 0xFFFFFFFF;

  ItemStore* store_;
  ItemTrie* trie_;
  NodeId start_ = kRootNode;
  NodeId last_ = kRootNode;  // of what is closed
  std::vector<Piece> system_;
  std::vector<Piece> pieces_;
  std::vector<Run> runs_;  // the last one is open until it is closed by what follows
  bool open_ = false;
  std::vector<std::uint32_t> items_;  // scratch space
};

}  // namespace albicilla
