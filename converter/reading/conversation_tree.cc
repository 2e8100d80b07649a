#include "converter/reading/conversation_tree.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace albicilla {

namespace {

constexpr std::string_view kNoMessages = "the request has no messages";
constexpr std::string_view kUnknownParent = "goes on behind an answer that is not in the log";

}  // namespace

std::string_view to_string(Edge edge) {
  switch (edge) {
    case Edge::start:
      return "start";
    case Edge::continuation:
      return "continuation";
    case Edge::retry:
      return "retry";
    case Edge::edit_fork:
      return "edit_fork";
    case Edge::truncation:
      return "truncation";
    case Edge::compaction:
      return "compaction";
    case Edge::context_editing:
      return "context_editing";
    case Edge::sub_agent:
      return "sub_agent";
  }
  return "";
}

bool ConversationTree::is_before(std::uint32_t a, std::uint32_t b) const {
  const Exchange& x = log_->exchanges()[a];
  const Exchange& y = log_->exchanges()[b];
  return std::tie(x.started_at, x.seq, x.origin.file, x.origin.offset) <
         std::tie(y.started_at, y.seq, y.origin.file, y.origin.offset);
}

Status ConversationTree::build(std::uint32_t session) {
  for (const TreeNode& node : nodes_) first_of_trie_[node.trie] = kNone;
  log_->enter_session(session);
  nodes_.clear();
  places_.clear();
  answers_.clear();
  by_response_.clear();
  by_conversation_.clear();
  const std::vector<std::uint32_t>& exchanges = log_->exchanges_of(session);
  places_.resize(exchanges.size());
  for (std::uint32_t number = 0; number < exchanges.size(); ++number) {
    places_[number].exchange = exchanges[number];
  }
  std::sort(places_.begin(), places_.end(),
            [this](const Place& a, const Place& b) { return is_before(a.exchange, b.exchange); });
  for (std::uint32_t number = 0; number < places_.size(); ++number) {
    if (auto status = place(number); !status) return status;
  }
  return {};
}

std::optional<TreeNodeId> ConversationTree::named_parent(const Exchange& exchange) const {
  if (exchange.previous_id != 0) {
    const auto found = by_response_.find(exchange.previous_id);
    if (found == by_response_.end()) return std::nullopt;
    return found->second;
  }
  const auto found = by_conversation_.find(exchange.conversation_id);
  return found == by_conversation_.end() ? kNone : found->second;
}

Status ConversationTree::place(std::uint32_t number) {
  Place& place = places_[number];
  const Exchange& exchange = log_->exchanges()[place.exchange];
  if (exchange.goes_on_elsewhere()) {
    const auto parent = named_parent(exchange);
    if (parent) return place_behind(number, *parent);
    place.trouble = kUnknownParent;
    return {};
  }
  if (exchange.request == kRootNode) {
    place.trouble = kNoMessages;
    return {};
  }
  unmatched_.clear();
  TreeNodeId shared = find_shared(exchange, exchange.request, unmatched_);
  if (shared == kNone) shared = find_retry(exchange);
  if (shared == kNone) shared = find_proved(exchange);
  if (shared != kNone && nodes_[shared].trie == exchange.request) unmatched_.clear();
  place.request = attach(shared, unmatched_, number);
  answer_nodes_.clear();
  for (const Answer& answer : log_->answers(exchange)) answer_nodes_.push_back(answer.node);
  add_answers(number, answer_nodes_);
  return {};
}

Status ConversationTree::place_behind(std::uint32_t number, TreeNodeId parent) {
  const Exchange& exchange = log_->exchanges()[places_[number].exchange];
  PathBuilder path(log_->store(), log_->trie());
  const NodeId start = parent == kNone ? kRootNode : nodes_[parent].trie;
  path.reset(start);
  std::uint32_t message = 0;
  for (const std::uint32_t item : log_->pieces(exchange)) {
    if (auto status = path.add(item, message++); !status) return status;
  }
  auto last = path.finish();
  if (!last) return last.error();
  std::vector<NodeId> unmatched;
  for (NodeId id = *last; id != start && id != kRootNode; id = log_->trie()[id].parent) {
    unmatched.push_back(id);
  }
  // What another request has already shown behind the same answer.
  TreeNodeId shared = parent;
  while (!unmatched.empty() && shared != kNone) {
    const TreeNodeId next = child_of(shared, unmatched.back());
    if (next == kNone) break;
    shared = next;
    unmatched.pop_back();
  }
  if (shared == kNone && unmatched.empty()) {
    places_[number].trouble = kNoMessages;
    return {};
  }
  places_[number].request = attach(shared, unmatched, number);
  std::vector<NodeId> answers;
  for (const Answer& answer : log_->answers(exchange)) {
    auto node = path.finish_with(log_->pieces(answer));
    if (!node) return node.error();
    answers.push_back(*node);
  }
  add_answers(number, answers);
  return {};
}

bool ConversationTree::same_setting(const Exchange& a, const Exchange& b) const {
  return a.system == b.system && a.tools == b.tools;
}

TreeNodeId ConversationTree::find_shared(const Exchange& exchange, NodeId last,
                                         std::vector<NodeId>& unmatched) {
  first_of_trie_.resize(log_->trie().size(), kNone);
  for (NodeId id = last; id != kRootNode; id = log_->trie()[id].parent) {
    TreeNodeId best = kNone;
    int best_score = -1;
    for (TreeNodeId same = first_of_trie_[id]; same != kNone; same = nodes_[same].next_same) {
      if (!nodes_[same].has_observed) continue;
      const Exchange& shown = log_->exchanges()[places_[nodes_[same].exchange].exchange];
      const int score =
          (same_setting(shown, exchange) ? 2 : 0) + (nodes_[same].first_child == kNone ? 1 : 0);
      if (score > best_score) {
        best = same;
        best_score = score;
      }
    }
    if (best != kNone) return best;
    unmatched.push_back(id);
  }
  return kNone;
}

TreeNodeId ConversationTree::find_retry(const Exchange& exchange) const {
  for (TreeNodeId same = first_of_trie_[exchange.request]; same != kNone;
       same = nodes_[same].next_same) {
    const std::uint32_t earlier = nodes_[same].last_request;
    if (earlier != kNone && same_setting(exchange_of(earlier), exchange)) return same;
  }
  return kNone;
}

// Clocks step back: a request that repeats this answer may stand earlier in the order than the
// answer itself. The log's own order tells.
TreeNodeId ConversationTree::find_proved(const Exchange& exchange) const {
  for (const Answer& answer : log_->answers(exchange)) {
    if (log_->trie()[answer.node].parent != exchange.request) continue;
    if (answer.node >= first_of_trie_.size()) continue;
    for (TreeNodeId same = first_of_trie_[answer.node]; same != kNone;
         same = nodes_[same].next_same) {
      const Exchange& shown = exchange_of(nodes_[same].exchange);
      const bool logged_before = std::tie(exchange.origin.file, exchange.origin.offset) <
                                 std::tie(shown.origin.file, shown.origin.offset);
      if (logged_before && nodes_[same].parent != kNone) return nodes_[same].parent;
    }
  }
  return kNone;
}

TreeNodeId ConversationTree::add_node(NodeId trie, TreeNodeId parent, std::uint32_t number) {
  const auto id = static_cast<TreeNodeId>(nodes_.size());
  TreeNode node;
  node.trie = trie;
  node.parent = parent;
  node.exchange = number;
  node.root = id;
  first_of_trie_.resize(log_->trie().size(), kNone);
  node.next_same = std::exchange(first_of_trie_[trie], id);
  if (parent != kNone) {
    node.root = nodes_[parent].root;
    node.has_observed = nodes_[parent].has_observed;
    node.next_sibling = std::exchange(nodes_[parent].first_child, id);
  }
  nodes_.push_back(node);
  return id;
}

TreeNodeId ConversationTree::child_of(TreeNodeId parent, NodeId trie) const {
  if (trie >= first_of_trie_.size()) return kNone;
  for (TreeNodeId same = first_of_trie_[trie]; same != kNone; same = nodes_[same].next_same) {
    if (nodes_[same].parent == parent) return same;
  }
  return kNone;
}

// Adds what is new behind `shared` (last item first in `unmatched`) and says what kind of step it
// was.
TreeNodeId ConversationTree::attach(TreeNodeId shared, const std::vector<NodeId>& unmatched,
                                    std::uint32_t number) {
  Place& place = places_[number];
  TreeNodeId last = shared;
  if (shared != kNone) {
    const TreeNode& node = nodes_[shared];
    const bool went_on_before = node.first_child != kNone;
    if (!unmatched.empty()) {
      place.edge = went_on_before ? Edge::edit_fork : Edge::continuation;
      place.from = node.observed() ? node.answered : node.exchange;
    } else if (node.last_request != kNone) {
      place.edge = Edge::retry;
      place.from = node.last_request;
    } else {
      place.edge = Edge::edit_fork;  // back to where no request ended, and on from there
      place.from = node.exchange;
    }
  }
  for (auto id = unmatched.rbegin(); id != unmatched.rend(); ++id) {
    last = add_node(*id, last, number);
  }
  place.earlier_request = std::exchange(nodes_[last].last_request, number);
  return last;
}

void ConversationTree::observe(TreeNodeId id, std::uint32_t number, Outcome outcome) {
  TreeNode& node = nodes_[id];
  const bool better =
      !node.observed() || (node.outcome != Outcome::whole && outcome == Outcome::whole);
  if (better) {
    node.answered = number;
    node.outcome = outcome;
  }
  if (std::exchange(node.has_observed, true) || node.first_child == kNone) return;
  std::vector<TreeNodeId> open = {id};
  while (!open.empty()) {
    TreeNode& next = nodes_[open.back()];
    open.pop_back();
    next.has_observed = true;
    for (TreeNodeId child = next.first_child; child != kNone; child = nodes_[child].next_sibling) {
      if (!nodes_[child].has_observed) open.push_back(child);
    }
  }
}

void ConversationTree::add_answers(std::uint32_t number, std::span<const NodeId> answers) {
  Place& place = places_[number];
  const Exchange& exchange = log_->exchanges()[place.exchange];
  const TreeNode request = nodes_[place.request];
  const auto stored = log_->answers(exchange);
  place.first_answer = static_cast<std::uint32_t>(answers_.size());
  place.answer_count = static_cast<std::uint32_t>(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    // An answer that goes on with the client's own words stands in the place of the request's last
    // item.
    unmatched_.clear();
    NodeId id = answers[i];
    const NodeId above = request.parent == kNone ? kRootNode : nodes_[request.parent].trie;
    while (id != request.trie && id != above && id != kRootNode) {
      unmatched_.push_back(id);
      id = log_->trie()[id].parent;
    }
    TreeNodeId parent = id == request.trie ? place.request : request.parent;
    for (auto next = unmatched_.rbegin(); next != unmatched_.rend(); ++next) {
      const TreeNodeId known = child_of(parent, *next);
      parent = known != kNone ? known : add_node(*next, parent, number);
    }
    observe(parent, number, stored[i].outcome);
    answers_.push_back(parent);
    if (i != 0) continue;
    if (exchange.response_id != 0) by_response_[exchange.response_id] = parent;
    if (exchange.conversation_id != 0) by_conversation_[exchange.conversation_id] = parent;
  }
}

std::vector<TreeNodeId> ConversationTree::path_to(TreeNodeId id) const {
  std::vector<TreeNodeId> path;
  for (; id != kNone; id = nodes_[id].parent) path.push_back(id);
  std::reverse(path.begin(), path.end());
  return path;
}

bool ConversationTree::has_calls(TreeNodeId id) const {
  const Pieces pieces = log_->trie().pieces(nodes_[id].trie);
  return std::any_of(pieces.begin(), pieces.end(),
                     [this](std::uint32_t item) { return log_->store().key(item).call_count > 0; });
}

bool ConversationTree::is_good_end(TreeNodeId id) const {
  const TreeNode& node = nodes_[id];
  return node.observed() && node.outcome == Outcome::whole && !has_calls(id);
}

// The answer to the same request, in another exchange, that the client went on with.
TreeNodeId ConversationTree::continued_sibling(TreeNodeId id) const {
  const TreeNode& node = nodes_[id];
  if (!node.observed() || node.parent == kNone) return kNone;
  TreeNodeId found = kNone;
  for (TreeNodeId other = nodes_[node.parent].first_child; other != kNone;
       other = nodes_[other].next_sibling) {
    const TreeNode& sibling = nodes_[other];
    const bool regenerated = other != id && sibling.observed() &&
                             sibling.answered != node.answered && sibling.first_child != kNone &&
                             sibling.outcome == Outcome::whole;
    if (!regenerated) continue;
    if (found != kNone) return kNone;  // the client went on with several: no preference
    found = other;
  }
  return found;
}

bool ConversationTree::is_abandoned(TreeNodeId id) const {
  return nodes_[id].first_child == kNone && continued_sibling(id) != kNone;
}

std::vector<TreeNodeId> ConversationTree::leaves() {
  std::vector<TreeNodeId> leaves;
  covered_.assign(nodes_.size(), false);
  for (TreeNodeId id = static_cast<TreeNodeId>(nodes_.size()); id-- > 0;) {
    const bool is_leaf = !covered_[id] && is_good_end(id) && !is_abandoned(id);
    if (is_leaf) leaves.push_back(id);
    if ((covered_[id] || is_leaf) && nodes_[id].parent != kNone) {
      covered_[nodes_[id].parent] = true;
    }
  }
  if (leaves.size() < 2) return leaves;
  std::reverse(leaves.begin(), leaves.end());
  std::stable_sort(leaves.begin(), leaves.end(),
                   [this](TreeNodeId a, TreeNodeId b) { return nodes_[a].root < nodes_[b].root; });
  return leaves;
}

std::vector<Preference> ConversationTree::preferences() const {
  std::vector<Preference> pairs;
  for (TreeNodeId id = 0; id < nodes_.size(); ++id) {
    const TreeNode& node = nodes_[id];
    if (node.first_child != kNone || node.outcome != Outcome::whole) continue;
    const TreeNodeId chosen = continued_sibling(id);
    if (chosen != kNone) pairs.push_back({chosen, id});
  }
  return pairs;
}

}  // namespace albicilla
