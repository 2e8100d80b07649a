#include "converter/reading/conversation_maker.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "converter/reading/exchange_facts.h"

namespace albicilla {

namespace {

// Stands between the texts of two messages that became one.
constexpr std::string_view kBetweenTexts = "\\n";

bool has_calls(const Turn& turn) {
  return std::any_of(turn.parts.begin(), turn.parts.end(),
                     [](const Part& part) { return part.kind == PartKind::call; });
}

// An answer is asked for with what was thought before it left out.
void drop_earlier_reasoning(Conversation& conversation) {
  for (std::size_t i = 0; i + 1 < conversation.turns.size(); ++i) {
    Turn& turn = conversation.turns[i];
    const auto first = turn.parts.begin() - std::span<const Part>(conversation.parts).begin();
    const auto begin = conversation.parts.begin() + first;
    const auto end = begin + static_cast<std::ptrdiff_t>(turn.parts.size());
    const auto kept = std::stable_partition(
        begin, end, [](const Part& part) { return part.kind != PartKind::reasoning; });
    turn.parts = turn.parts.first(static_cast<std::size_t>(kept - begin));
  }
}

}  // namespace

void ConversationMaker::start(std::string_view session) {
  session_ = session;
  trained_.assign(tree_.size(), false);
}

// A text that goes on where the last one broke off becomes one with it.
void ConversationMaker::join_text(const Part& part, Conversation& conversation) {
  Part* earlier = nullptr;
  for (std::size_t i = first_parts_.back(); i < conversation.parts.size(); ++i) {
    if (conversation.parts[i].kind == PartKind::text) earlier = &conversation.parts[i];
  }
  if (earlier == nullptr) {
    conversation.parts.push_back(part);
    return;
  }
  const std::string_view before = earlier->text.body;
  const std::string_view behind = part.text.body;
  char* const whole = conversation.loaded.add(before.size() + behind.size());
  std::memcpy(whole, before.data(), before.size());
  std::memcpy(whole + before.size(), behind.data(), behind.size());
  earlier->text.body = {whole, before.size() + behind.size()};
  earlier->text.escaped = earlier->text.escaped || part.text.escaped;
  earlier->text.canonical = earlier->text.canonical && part.text.canonical;
  earlier->raw = {};
}

void ConversationMaker::append_parts(const Item& item, bool joined, Conversation& conversation) {
  const auto has_text_before = [&] {
    for (std::size_t i = first_parts_.back(); i < conversation.parts.size(); ++i) {
      if (conversation.parts[i].kind == PartKind::text) return true;
    }
    return false;
  };
  bool follows_text = has_text_before();
  for (std::uint32_t i = 0; i < item.part_count; ++i) {
    const Part& part = list_.parts[item.first_part + i];
    const bool is_next_text = part.kind == PartKind::text && std::exchange(follows_text, false);
    if (is_next_text && joined) {
      join_text(part, conversation);
      continue;
    }
    if (is_next_text) {
      Part between;
      between.text.body = kBetweenTexts;
      between.text.escaped = true;
      conversation.parts.push_back(between);
    }
    conversation.parts.push_back(part);
  }
}

Status ConversationMaker::add_turn(const ItemTrie& trie, NodeId node, Turn& turn,
                                   Conversation& conversation) {
  const Pieces pieces = trie.pieces(node);
  first_parts_.push_back(conversation.parts.size());
  turn.role = trie[node].role;
  turn.call = trie[node].call;
  ItemStore& store = tree_.log().store();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    list_.clear();
    // The first item's parts go where they belong at once: nothing stands before them.
    if (i == 0) std::swap(list_.parts, conversation.parts);
    auto status = store.read_item(pieces[i], conversation.loaded, list_);
    if (i == 0) std::swap(list_.parts, conversation.parts);
    if (!status) return status;
    const Item& item = list_.items.back();
    if (i > 0) {
      append_parts(item, trie[node].joined && i + 1 == pieces.size(), conversation);
      continue;
    }
    turn.name = item.name;
    turn.is_error = item.is_error;
    // Where a message was parsed again, other items of it stand around this one.
    std::vector<Part>& parts = conversation.parts;
    parts.resize(item.first_part + item.part_count);
    if (item.first_part == first_parts_.back()) continue;
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(first_parts_.back()),
                parts.begin() + item.first_part);
  }
  return {};
}

// The parts stay where they are from now on: gives each turn its own.
void ConversationMaker::settle(Conversation& conversation) {
  first_parts_.push_back(conversation.parts.size());
  const auto parts = std::span<const Part>(conversation.parts);
  std::size_t number = 0;
  for (std::vector<Turn>* turns : {&conversation.system, &conversation.turns}) {
    for (Turn& turn : *turns) {
      const std::size_t first = first_parts_[number++];
      turn.parts = parts.subspan(first, first_parts_[number] - first);
    }
  }
}

Status ConversationMaker::make_path(const ItemTrie& trie, std::span<const Step> steps,
                                    std::uint32_t place, Conversation& conversation) {
  first_parts_.clear();
  const ItemTrie& own = tree_.log().trie();
  system_.clear();
  for (NodeId id = tree_.exchange_of(place).system; id != kSystemRootNode; id = own[id].parent) {
    system_.push_back(id);
  }
  for (auto id = system_.rbegin(); id != system_.rend(); ++id) {
    Turn turn;
    if (auto status = add_turn(own, *id, turn, conversation); !status) return status;
    conversation.system.push_back(turn);
  }
  Hash128 hash;
  for (const Step& step : steps) {
    Turn turn;
    turn.observed = step.observed;
    turn.place = step.place;
    turn.hash = hash = combine(hash, trie[step.node].item);
    if (auto status = add_turn(trie, step.node, turn, conversation); !status) return status;
    conversation.turns.push_back(turn);
  }
  settle(conversation);
  if (auto status = add_request(place, conversation); !status) return status;
  if (auto status = link_results(trie, steps, conversation); !status) return status;
  weigh(steps, conversation);
  if (conversation.view == View::turn) drop_earlier_reasoning(conversation);
  return add_provenance(steps, conversation);
}

// Which turns are to be learned: what the model produced, once over all trajectories of a session.
void ConversationMaker::weigh(std::span<const Step> steps, Conversation& conversation) {
  if (conversation.view != View::trajectory) {
    conversation.turns.back().weight = 1;
    return;
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const TreeNodeId node = steps[i].tree_node;
    if (!steps[i].observed || tree_[node].outcome != Outcome::whole) continue;
    conversation.turns[i].weight = trained_[node] ? 0 : 1;
    trained_[node] = true;
  }
}

Status ConversationMaker::link_results(const ItemTrie& trie, std::span<const Step> steps,
                                       Conversation& conversation) {
  std::uint32_t calling = 0;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    Turn& turn = conversation.turns[i];
    if (turn.role == Role::assistant && has_calls(turn)) calling = i;
    if (turn.role != Role::tool) continue;
    if (trie[steps[i].node].unknown_result) {
      return client_error("a tool result answers a call that was never made");
    }
    turn.call_turn = calling;
  }
  return {};
}

// What else the last request said: its parameters and tools.
Status ConversationMaker::add_request(std::uint32_t place, Conversation& conversation) {
  const Exchange& exchange = tree_.exchange_of(place);
  ItemStore& store = tree_.log().store();
  if (exchange.parameters != kNoText) {
    auto raw = store.text(exchange.parameters, conversation.loaded);
    if (!raw) return raw.error();
    conversation.parameters = *raw;
  }
  if (exchange.tools == kNoText) {
    conversation.set_tools({});
    return {};
  }
  auto raw = store.text(exchange.tools, conversation.loaded);
  if (!raw) return raw.error();
  conversation.set_tools(*raw);
  return {};
}

Status ConversationMaker::add_exchange(std::uint32_t place, Conversation& conversation) {
  auto raw = tree_.log().store().text(tree_.exchange_of(place).facts, conversation.loaded);
  if (!raw) return raw.error();
  const ExchangeFacts facts = read_facts(*raw);
  Provenance& provenance = conversation.provenance;
  if (!facts.id.empty()) provenance.exchanges.emplace_back(facts.id);
  const bool is_new = std::find(provenance.models.begin(), provenance.models.end(), facts.model) ==
                      provenance.models.end();
  if (!facts.model.empty() && is_new) provenance.models.emplace_back(facts.model);
  provenance.user = facts.user;
  provenance.client = facts.client;
  conversation.usage = facts.usage;
  return {};
}

// The call that started the tree which the place `root` began.
Status ConversationMaker::add_caller(std::uint32_t root, Provenance& provenance) {
  const Place& place = tree_.places()[root];
  if (place.call_node == kNone) return {};
  ItemList calling;
  LoadedTexts loaded;
  for (const std::uint32_t piece : tree_.log().trie().pieces(tree_[place.call_node].trie)) {
    auto status = tree_.log().store().read_item(piece, loaded, calling);
    if (!status) return status;
  }
  std::uint32_t number = 0;
  for (const Part& part : calling.parts) {
    if (part.kind != PartKind::call || number++ != place.call) continue;
    TextRepairs repairs;
    append_respelled(provenance.parent_call_id, part.id, repairs);
  }
  return {};
}

Status ConversationMaker::add_provenance(std::span<const Step> steps, Conversation& conversation) {
  Provenance& provenance = conversation.provenance;
  for (const Step& step : steps) {
    if (!step.observed) continue;
    if (auto status = add_exchange(step.place, conversation); !status) return status;
  }
  const Exchange& last = tree_.exchange_of(steps.back().place);
  provenance.session = session_;
  provenance.ended_at = last.closed_at;
  provenance.status = last.status;
  provenance.started_at = tree_.exchange_of(steps.front().place).started_at;
  const bool whole = conversation.view == View::trajectory;
  const Place& place = tree_.places()[whole ? steps.front().place : steps.back().place];
  provenance.edge = place.edge;
  if (place.from != kNone) {
    auto raw = tree_.log().store().text(tree_.exchange_of(place.from).facts, conversation.loaded);
    if (!raw) return raw.error();
    provenance.from = read_facts(*raw).id;
  }
  const TreeNodeId last_node = steps.back().tree_node;
  if (last_node != kNone) {
    auto status = add_caller(tree_[tree_[last_node].root].exchange, provenance);
    if (!status) return status;
  }
  provenance.id.resize(kHexSize);
  put_hex(provenance.id.data(), combine(hash_bytes(session_), conversation.turns.back().hash));
  return {};
}

Status ConversationMaker::make(View view, TreeNodeId last, Conversation& conversation) {
  conversation.clear();
  conversation.view = view;
  const std::uint32_t place = tree_[last].answered;
  if (place == kNone) return our_error("a conversation ends in an answer");
  steps_.clear();
  for (TreeNodeId id = last; id != kNone; id = tree_[id].parent) {
    const TreeNode& node = tree_[id];
    steps_.push_back(
        {node.trie, id, node.observed(), node.observed() ? node.answered : node.exchange});
  }
  std::reverse(steps_.begin(), steps_.end());
  return make_path(tree_.log().trie(), steps_, place, conversation);
}

Status ConversationMaker::make_call(std::uint32_t place, std::uint32_t answer,
                                    Conversation& conversation) {
  conversation.clear();
  conversation.view = View::call;
  ExchangeTable& log = tree_.log();
  const Exchange& exchange = tree_.exchange_of(place);
  ItemTrie trie;  // of this request alone, so that each item is spelled as it was sent
  PathBuilder path(log.store(), trie);
  path.reset(kRootNode);
  std::uint32_t number = 0;
  for (const std::uint32_t message : log.messages(exchange)) {
    const StoredMessage& stored = log.store().message(message);
    for (std::uint32_t i = 0; i < stored.item_count; ++i) {
      if (auto status = path.add(stored.first_item + i, number); !status) return status;
    }
    ++number;
  }
  auto last = path.finish_with(log.pieces(log.answers(exchange)[answer]));
  if (!last) return last.error();
  std::vector<Step> steps;
  for (NodeId id = *last; id != kRootNode; id = trie[id].parent) {
    steps.push_back({id, kNone, id == *last, place});
  }
  std::reverse(steps.begin(), steps.end());
  return make_path(trie, steps, place, conversation);
}

}  // namespace albicilla
