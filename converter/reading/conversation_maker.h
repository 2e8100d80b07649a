// Makes conversations out of a session's tree, one at a time: the items of a path with their texts,
// weights and provenance.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "converter/reading/conversation.h"
#include "converter/reading/conversation_tree.h"

namespace albicilla {

// Belongs to one thread.
class ConversationMaker {
 public:
  // `session` is the session's id. `tree` must outlive this and stay as it is until start().
  ConversationMaker(ConversationTree& tree, std::string_view session) : tree_(tree) {
    start(session);
  }
  // Goes on with what `tree` was built of in the meantime.
  void start(std::string_view session);

  // From the first item to `last`, an observed answer. An error says why it is no conversation;
  // fault ours means that reading failed. In trajectories each answer has weight 1 only once.
  Status make(View view, TreeNodeId last, Conversation& conversation);
  // One answer of an exchange with its request as it was sent. The table must have kept messages.
  Status make_call(std::uint32_t place, std::uint32_t answer, Conversation& conversation);

 private:
  // One item on the way.
  struct Step {
    NodeId node;
    TreeNodeId tree_node;  // kNone when it stands in no tree
    bool observed;
    std::uint32_t place;
  };

  Status make_path(const ItemTrie& trie, std::span<const Step> steps, std::uint32_t place,
                   Conversation& conversation);
  Status add_turn(const ItemTrie& trie, NodeId node, Turn& turn, Conversation& conversation);
  void append_parts(const Item& item, bool joined, Conversation& conversation);
  void join_text(const Part& part, Conversation& conversation);
  void settle(Conversation& conversation);
  void weigh(std::span<const Step> steps, Conversation& conversation);
  Status link_results(const ItemTrie& trie, std::span<const Step> steps,
                      Conversation& conversation);
  Status add_request(std::uint32_t place, Conversation& conversation);
  Status add_provenance(std::span<const Step> steps, Conversation& conversation);
  Status add_caller(std::uint32_t root, Provenance& provenance);
  Status add_exchange(std::uint32_t place, Conversation& conversation);

  ConversationTree& tree_;
  std::string session_;
  std::vector<bool> trained_;  // by tree node
  ItemList list_;
  std::vector<std::size_t> first_parts_;  // of each turn, system turns first
  std::vector<Step> steps_;               // scratch space
  std::vector<NodeId> system_;            // the same
};

}  // namespace albicilla
