#include "converter/reading/path_builder.h"

#include <algorithm>
#include <limits>

namespace albicilla {

namespace {

constexpr std::uint64_t kUnknownCall = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void PathBuilder::reset(NodeId start) {
  start_ = start;
  last_ = start;
  system_.clear();
  pieces_.clear();
  runs_.clear();
  open_ = false;
}

void PathBuilder::cut(std::uint32_t message_count) {
  const auto behind = [message_count](const Piece& piece) {
    return piece.message >= message_count;
  };
  while (!pieces_.empty() && behind(pieces_.back())) pieces_.pop_back();
  while (!system_.empty() && behind(system_.back())) system_.pop_back();
  open_ = false;
  while (!runs_.empty() && runs_.back().first_piece >= pieces_.size()) {
    last_ = runs_.back().before;
    runs_.pop_back();
  }
  if (runs_.empty()) {
    last_ = start_;
    return;
  }
  // The last run may lack pieces now, or get more: it is closed again later.
  last_ = runs_.back().before;
  open_ = true;
}

bool PathBuilder::extends_run(Role role) const {
  if (!open_ || (role != Role::assistant && role != Role::tool)) return false;
  return store_->key(pieces_[runs_.back().first_piece].item).role == role;
}

Status PathBuilder::add(std::uint32_t item, std::uint32_t message) {
  const ItemKey& key = store_->key(item);
  if (key.role == Role::system && pieces_.empty()) {
    system_.push_back({item, message});
    return {};
  }
  if (key.role == Role::assistant && key.is_empty() && !key.has_reasoning) return {};
  if (!extends_run(key.role)) {
    if (auto status = close_run(); !status) return status;
    runs_.push_back({static_cast<std::uint32_t>(pieces_.size()), last_});
    open_ = true;
  }
  pieces_.push_back({item, message});
  return {};
}

Status PathBuilder::close_run() {
  if (!open_) return {};
  const Run& run = runs_.back();
  const std::span pieces = std::span<const Piece>(pieces_).subspan(run.first_piece);
  const Role role = store_->key(pieces[0].item).role;
  if (role == Role::assistant) {
    auto node = assistant_node(run.before, pieces);
    if (!node) return node.error();
    last_ = *node;
  } else if (role == Role::tool) {
    auto node = result_nodes(run.before, pieces);
    if (!node) return node.error();
    last_ = *node;
  } else {
    last_ = single_node(run.before, pieces[0]);
  }
  open_ = false;
  return {};
}

NodeId PathBuilder::single_node(NodeId parent, const Piece& piece) {
  TrieNode node;
  node.parent = parent;
  node.role = store_->key(piece.item).role;
  node.item = store_->key(piece.item).text;
  return trie_->intern(node, std::span(&piece.item, 1));
}

Result<NodeId> PathBuilder::assistant_node(NodeId parent, std::span<const Piece> pieces) {
  // Reasoning alone says nothing; it belongs to the words or calls that follow it.
  const bool says_nothing = std::all_of(pieces.begin(), pieces.end(), [this](const Piece& piece) {
    return store_->key(piece.item).is_empty();
  });
  if (says_nothing) return parent;
  TrieNode node;
  node.parent = parent;
  node.role = Role::assistant;
  items_.clear();
  std::size_t texts = 0;
  Hash128 text;
  Hash128 rest;
  Hash128 calls;
  for (const Piece& piece : pieces) {
    const ItemKey& key = store_->key(piece.item);
    items_.push_back(piece.item);
    if (key.has_text) {
      ++texts;
      text = key.text;
    }
    if (key.has_rest) rest = combine(rest, key.rest);
    for (const CallKey& call : store_->calls(piece.item)) calls = combine(calls, call.content);
  }
  if (texts > 1) {
    auto joined = store_->joined_text_hash(items_);
    if (!joined) return joined.error();
    text = *joined;
  }
  node.item = combine(combine(text, rest), calls);
  const std::size_t count = pieces.size();
  node.joined = count > 1 && is_answer(pieces[count - 1]) && !is_answer(pieces[0]);
  const NodeId id = trie_->intern(node, items_);
  // What the model said is worth more than what a client repeated: it has the reasoning.
  if (is_answer(pieces[count - 1])) trie_->respell(id, items_, node.joined);
  return id;
}

// By the ids of this request: a client may have rewritten those of the answer that it repeats.
std::vector<CallKey> PathBuilder::open_calls() const {
  std::vector<CallKey> calls;
  const auto add = [this, &calls](std::uint32_t item) {
    const auto more = store_->calls(item);
    calls.insert(calls.end(), more.begin(), more.end());
  };
  std::size_t end = runs_.back().first_piece;
  for (std::size_t run = runs_.size() - 1; run-- > 0; end = runs_[run].first_piece) {
    for (std::size_t i = runs_[run].first_piece; i < end; ++i) add(pieces_[i].item);
    if (!calls.empty()) return calls;
  }
  for (NodeId id = start_; id > kSystemRootNode; id = (*trie_)[id].parent) {
    for (const std::uint32_t item : trie_->pieces(id)) add(item);
    if (!calls.empty()) break;
  }
  return calls;
}

Result<NodeId> PathBuilder::result_nodes(NodeId parent, std::span<const Piece> pieces) {
  const std::vector<CallKey> calls = open_calls();
  std::vector<std::pair<std::uint64_t, std::uint32_t>> results;  // place of the call, item
  std::uint64_t next_without_id = 0;
  for (const Piece& piece : pieces) {
    const std::uint64_t id = store_->key(piece.item).result_for;
    std::uint64_t place = kUnknownCall;
    if (id == 0) {
      place = next_without_id < calls.size() ? next_without_id++ : kUnknownCall;
    } else {
      const auto call = std::find_if(calls.begin(), calls.end(),
                                     [id](const CallKey& candidate) { return candidate.id == id; });
      if (call != calls.end()) place = static_cast<std::uint64_t>(call - calls.begin());
    }
    results.emplace_back(place, piece.item);
  }
  std::stable_sort(results.begin(), results.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  NodeId last = parent;
  for (const auto& [place, item] : results) {
    TrieNode node;
    node.parent = last;
    node.role = Role::tool;
    node.item = combine(store_->key(item).text, {place, 0});
    node.unknown_result = place == kUnknownCall;
    node.call = static_cast<std::uint32_t>(place);
    last = trie_->intern(node, std::span(&item, 1));
  }
  return last;
}

Result<NodeId> PathBuilder::finish() {
  if (auto status = close_run(); !status) return status.error();
  return last_;
}

Result<NodeId> PathBuilder::finish_with(std::span<const std::uint32_t> answer) {
  cut(kAnswer);  // opens the last run: an answer may go on with what the client put in its mouth
  for (const std::uint32_t item : answer) {
    if (auto status = add(item, kAnswer); !status) return status.error();
  }
  auto node = finish();
  cut(kAnswer);
  auto path = finish();
  return path ? node : path;
}

}  // namespace albicilla
