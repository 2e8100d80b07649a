// Which exchanges of a session belong together: trees of items, grown in the order in which the
// requests started. A node is observed when we saw the model produce it, asserted when requests
// merely show it. A request goes on with a tree only behind an observed answer (or as an exact
// retry); everything else starts a tree of its own, even if the first words are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/exchange_table.h"

namespace albicilla {

using TreeNodeId = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

// How a request came out of what was before it.
enum class Edge : std::uint8_t {
  start,  // the first request of a tree
  continuation,
  retry,            // the same request again
  edit_fork,        // goes back and on in another way
  truncation,       // drops its oldest messages
  compaction,       // puts a summary in their place
  context_editing,  // changes or clears some of them
  sub_agent,        // a tree that a call of another one started
};
inline constexpr std::size_t kEdges = static_cast<std::size_t>(Edge::sub_agent) + 1;
std::string_view to_string(Edge edge);

struct TreeNode {
  NodeId trie = kRootNode;
  TreeNodeId parent = kNone;
  TreeNodeId first_child = kNone;
  TreeNodeId next_sibling = kNone;
  TreeNodeId next_same = kNone;  // another tree's node with the same items up to here
  TreeNodeId root = kNone;
  std::uint32_t exchange = kNone;      // that showed it first, in order
  std::uint32_t answered = kNone;      // the exchange whose answer it is
  std::uint32_t last_request = kNone;  // the latest exchange whose request ends here
  Outcome outcome = Outcome::failed;
  bool has_observed = false;  // it or one before it is observed

  bool observed() const { return answered != kNone; }
};

// An exchange's place in its tree.
struct Place {
  std::uint32_t exchange = 0;      // in ExchangeTable::exchanges()
  TreeNodeId request = kNone;      // kNone: it has no place, see `trouble`
  std::uint32_t first_answer = 0;  // see ConversationTree::answers
  std::uint32_t answer_count = 0;
  std::uint32_t earlier_request = kNone;  // the place whose request ended at the same node before
  Edge edge = Edge::start;
  std::uint32_t from = kNone;    // the place that the edge leads from
  TreeNodeId call_node = kNone;  // sub_agent: the call that started it
  std::uint32_t call = 0;        // its place among that node's calls
  std::string_view trouble;      // why it has no place
};

// A regenerated answer: the one that the client went on with, and the one that it left.
struct Preference {
  TreeNodeId chosen = kNone;
  TreeNodeId rejected = kNone;
};

// Reads `log`, which must not change while a session's tree is used; build() starts over. Belongs
// to one thread.
class ConversationTree {
 public:
  explicit ConversationTree(ExchangeTable& log) : log_(&log) {}

  // Of one session of the table.
  Status build(std::uint32_t session);

  const TreeNode& operator[](TreeNodeId id) const { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }
  // In the order of their start.
  const std::vector<Place>& places() const { return places_; }
  std::vector<Place>& places() { return places_; }
  const Exchange& exchange_of(std::uint32_t place) const {
    return log_->exchanges()[places_[place].exchange];
  }
  // The nodes of its exchange's answers.
  std::span<const TreeNodeId> answers(const Place& place) const {
    return std::span(answers_).subspan(place.first_answer, place.answer_count);
  }
  ExchangeTable& log() const { return *log_; }

  // Each conversation's last node, tree by tree in the order of their making: an observed whole
  // answer whose calls were all answered and that no later such answer follows. Answers that were
  // regenerated and left are no leaves.
  std::vector<TreeNodeId> leaves();
  std::vector<Preference> preferences() const;
  // From the first item to this one.
  std::vector<TreeNodeId> path_to(TreeNodeId id) const;
  // Of an assistant node.
  bool has_calls(TreeNodeId id) const;

 private:
  bool is_before(std::uint32_t a, std::uint32_t b) const;
  Status place(std::uint32_t number);
  Status place_behind(std::uint32_t number, TreeNodeId parent);
  // Where an exchange that names an earlier answer goes on; kNone for the start of a conversation.
  std::optional<TreeNodeId> named_parent(const Exchange& exchange) const;
  TreeNodeId find_shared(const Exchange& exchange, NodeId last, std::vector<NodeId>& unmatched);
  TreeNodeId find_retry(const Exchange& exchange) const;
  TreeNodeId find_proved(const Exchange& exchange) const;
  bool same_setting(const Exchange& a, const Exchange& b) const;
  TreeNodeId attach(TreeNodeId parent, const std::vector<NodeId>& unmatched, std::uint32_t number);
  TreeNodeId add_node(NodeId trie, TreeNodeId parent, std::uint32_t number);
  void add_answers(std::uint32_t number, std::span<const NodeId> answers);
  void observe(TreeNodeId id, std::uint32_t number, Outcome outcome);
  TreeNodeId child_of(TreeNodeId parent, NodeId trie) const;
  bool is_good_end(TreeNodeId id) const;
  bool is_abandoned(TreeNodeId id) const;
  TreeNodeId continued_sibling(TreeNodeId id) const;

  ExchangeTable* log_;
  std::vector<TreeNode> nodes_;
  std::vector<Place> places_;
  std::vector<TreeNodeId> answers_;        // of all places
  std::vector<TreeNodeId> first_of_trie_;  // by trie node
  std::unordered_map<std::uint64_t, TreeNodeId> by_response_;
  std::unordered_map<std::uint64_t, TreeNodeId> by_conversation_;
  std::vector<NodeId> unmatched_;     // scratch space
  std::vector<NodeId> answer_nodes_;  // the same
  std::vector<bool> covered_;         // the same
};

}  // namespace albicilla
