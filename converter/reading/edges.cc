#include "converter/reading/edges.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

// A summary that a new conversation starts with is longer than what two conversations have in
// common by accident.
constexpr std::size_t kShortestSummary = 48;
constexpr std::size_t kMostAnswersToLookAt = 16;
constexpr int kMostDepth = 32;  // of a call's arguments

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string plain_text(const RawString& raw) {
  TextRepairs repairs;
  std::string text;
  append_text(text, raw, repairs);
  return text;
}

class EdgeNamer {
 public:
  explicit EdgeNamer(ConversationTree& tree) : tree_(tree) {}

  Status run() {
    std::vector<Place>& places = tree_.places();
    for (std::uint32_t number = 0; number < places.size(); ++number) {
      if (places[number].request == kNone) continue;
      if (number > 0) compare(number);
      const bool starts = places[number].edge == Edge::start;
      if (starts) roots_.push_back(number);
      if (starts && number > 0) {
        if (auto status = find_summary(number); !status) return status;
      }
      for (const TreeNodeId answer : tree_.answers(places[number])) {
        latest_[trie()[tree_[answer].trie].item] = answer;
      }
    }
    return roots_.size() > 1 ? find_callers() : Status{};
  }

 private:
  const ItemTrie& trie() const { return tree_.log().trie(); }
  std::uint32_t depth(TreeNodeId id) const { return trie()[tree_[id].trie].depth; }
  bool same_item(TreeNodeId a, TreeNodeId b) const {
    return trie()[tree_[a].trie].item == trie()[tree_[b].trie].item;
  }

  // Looks for a stretch of this request in what was there before.
  void compare(std::uint32_t number) {
    Place& place = tree_.places()[number];
    const bool forks = place.edge == Edge::edit_fork;
    if (place.edge != Edge::start && !forks) return;
    for (TreeNodeId id = place.request; id != kNone; id = tree_[id].parent) {
      if (tree_[id].exchange != number) return;  // shared with others
      if (trie()[tree_[id].trie].role != Role::assistant) continue;
      const auto found = latest_.find(trie()[tree_[id].trie].item);
      if (found == latest_.end() || found->second == id) continue;
      if (name_stretch(place, id, found->second)) return;
    }
  }

  bool name_stretch(Place& place, TreeNodeId mine, TreeNodeId other) {
    const TreeNodeId end = other;
    std::size_t length = 1;
    while (tree_[mine].parent != kNone && tree_[other].parent != kNone &&
           tree_[mine].parent != tree_[other].parent &&
           same_item(tree_[mine].parent, tree_[other].parent)) {
      mine = tree_[mine].parent;
      other = tree_[other].parent;
      ++length;
    }
    const std::uint32_t here = depth(mine);
    const std::uint32_t there = depth(other);
    const bool from_the_start = tree_[mine].parent == kNone && tree_[other].parent == kNone;
    if (from_the_start || (length < 2 && here != there)) return false;
    if (here < there) {
      place.edge = prefix_is_kept(mine, other) ? Edge::truncation : Edge::compaction;
    } else {
      place.edge = Edge::context_editing;
    }
    place.from = tree_[end].answered;
    return true;
  }

  // What stands before `mine` stands at the beginning of the other conversation too.
  bool prefix_is_kept(TreeNodeId mine, TreeNodeId other) const {
    mine = tree_[mine].parent;
    if (mine == kNone) return true;
    while (other != kNone && depth(other) > depth(mine)) other = tree_[other].parent;
    while (mine != other) {
      if (mine == kNone || other == kNone || !same_item(mine, other)) return false;
      mine = tree_[mine].parent;
      other = tree_[other].parent;
    }
    return true;
  }

  // The decoded texts of a node, white space around them gone.
  Status read_texts(TreeNodeId id, std::vector<std::string>& texts) {
    list_.clear();
    for (const std::uint32_t piece : trie().pieces(tree_[id].trie)) {
      auto status = tree_.log().store().read_item(piece, loaded_, list_);
      if (!status) return status;
    }
    texts.clear();
    for (const Part& part : list_.parts) {
      if (part.kind != PartKind::text) continue;
      texts.emplace_back(trimmed(plain_text(part.text)));
    }
    return {};
  }

  TreeNodeId root_of(std::uint32_t number) const {
    return tree_[tree_.places()[number].request].root;
  }

  // A conversation that begins with what an earlier answer summed up.
  Status find_summary(std::uint32_t number) {
    std::vector<std::string> beginning;
    if (auto status = read_texts(root_of(number), beginning); !status) return status;
    loaded_.clear();
    std::size_t looked = 0;
    std::vector<std::string> summary;
    for (std::uint32_t earlier = number; earlier-- > 0 && looked < kMostAnswersToLookAt;) {
      const Place& place = tree_.places()[earlier];
      if (place.request == kNone || place.answer_count == 0) continue;
      ++looked;
      if (auto status = read_texts(tree_.answers(place).front(), summary); !status) return status;
      loaded_.clear();
      for (const std::string& text : summary) {
        if (text.size() < kShortestSummary || !contains(beginning, text)) continue;
        tree_.places()[number].edge = Edge::compaction;
        tree_.places()[number].from = earlier;
        return {};
      }
    }
    return {};
  }

  static bool contains(const std::vector<std::string>& texts, const std::string& wanted) {
    return std::any_of(texts.begin(), texts.end(), [&wanted](const std::string& text) {
      return text.size() > wanted.size() && text.find(wanted) != std::string::npos;
    });
  }

  // Which calls named a tree's first words, or were answered with its last ones.
  Status find_callers() {
    std::vector<std::string> texts;
    for (const std::uint32_t number : roots_) {
      if (number == 0 || tree_.places()[number].edge != Edge::start) continue;
      if (auto status = read_texts(root_of(number), texts); !status) return status;
      for (const std::string& text : texts) {
        if (!text.empty()) by_first_words_[hash_bytes(text)].push_back(number);
      }
      const TreeNodeId answer = last_answer(number);
      if (answer == kNone) continue;
      if (auto status = read_texts(answer, texts); !status) return status;
      for (const std::string& text : texts) {
        if (!text.empty()) by_last_words_[hash_bytes(text)].push_back(number);
      }
    }
    loaded_.clear();
    for (TreeNodeId id = 0; id < tree_.size(); ++id) {
      const Role role = trie()[tree_[id].trie].role;
      Status status;
      if (role == Role::assistant && tree_[id].observed()) status = look_at_calls(id);
      if (role == Role::tool) status = look_at_result(id);
      if (!status) return status;
      loaded_.clear();
    }
    return {};
  }

  TreeNodeId last_answer(std::uint32_t number) const {
    const TreeNodeId root = root_of(number);
    TreeNodeId last = kNone;
    for (const Place& place : tree_.places()) {
      if (place.request == kNone || tree_[place.request].root != root) continue;
      if (place.answer_count > 0) last = tree_.answers(place).front();
    }
    return last;
  }

  Status look_at_calls(TreeNodeId id) {
    if (!tree_.has_calls(id)) return {};
    std::vector<std::string> unused;
    if (auto status = read_texts(id, unused); !status) return status;
    std::uint32_t call = 0;
    for (const Part& part : list_.parts) {
      if (part.kind != PartKind::call) continue;
      JsonCursor cursor(part.arguments);
      std::string inner;
      RawString text;
      if (part.arguments_kind == ArgumentsKind::json_text && cursor.string(text)) {
        inner = plain_text(text);
        JsonCursor arguments(inner);
        look_at_value(arguments, id, call, 0);
      } else if (part.arguments_kind != ArgumentsKind::none) {
        look_at_value(cursor, id, call, 0);
      }
      ++call;
    }
    return {};
  }

  // Every string in the arguments.
  void look_at_value(JsonCursor& cursor, TreeNodeId id, std::uint32_t call, int level) {
    RawString text;
    if (cursor.kind() == JsonKind::string && cursor.string(text)) {
      offer(by_first_words_, plain_text(text), id, call);
    } else if (cursor.kind() == JsonKind::object && level < kMostDepth && cursor.begin_object()) {
      RawString key;
      while (cursor.next_member(key)) look_at_value(cursor, id, call, level + 1);
    } else if (cursor.kind() == JsonKind::array && level < kMostDepth && cursor.begin_array()) {
      while (cursor.next_element()) look_at_value(cursor, id, call, level + 1);
    } else {
      cursor.skip();
    }
  }

  Status look_at_result(TreeNodeId id) {
    std::vector<std::string> texts;
    if (auto status = read_texts(id, texts); !status) return status;
    TreeNodeId calling = tree_[id].parent;
    while (calling != kNone && !tree_.has_calls(calling)) calling = tree_[calling].parent;
    if (calling == kNone || !tree_[calling].observed()) return {};
    for (const std::string& text : texts) {
      offer(by_last_words_, text, calling, trie()[tree_[id].trie].call);
    }
    return {};
  }

  using Words = std::unordered_map<Hash128, std::vector<std::uint32_t>>;

  void offer(const Words& words, std::string_view text, TreeNodeId node, std::uint32_t call) {
    const auto found = words.find(hash_bytes(trimmed(text)));
    if (found == words.end()) return;
    for (const std::uint32_t number : found->second) {
      Place& place = tree_.places()[number];
      const bool fits = tree_[node].root != root_of(number) && tree_[node].answered < number;
      if (!fits || (place.edge != Edge::start && place.edge != Edge::sub_agent)) continue;
      // Of several such calls the latest that no other tree has taken.
      const auto taken = std::pair(node, call);
      if (place.edge == Edge::sub_agent ||
          std::find(taken_.begin(), taken_.end(), taken) != taken_.end()) {
        continue;
      }
      taken_.push_back(taken);
      place.edge = Edge::sub_agent;
      place.from = tree_[node].answered;
      place.call_node = node;
      place.call = call;
      return;
    }
  }

  ConversationTree& tree_;
  std::unordered_map<Hash128, TreeNodeId> latest_;  // observed items
  std::vector<std::uint32_t> roots_;                // places
  Words by_first_words_;
  Words by_last_words_;
  std::vector<std::pair<TreeNodeId, std::uint32_t>> taken_;
  ItemList list_;
  LoadedTexts loaded_;
};

}  // namespace

Status name_edges(ConversationTree& tree) {
  if (tree.places().size() < 2) return {};  // nothing to compare it with
  return EdgeNamer(tree).run();
}

std::vector<TreeNodeId> helper_roots(const ConversationTree& tree) {
  struct Count {
    std::uint32_t exchanges = 0;
    bool stands_alone = true;  // no tools, nobody's sub-agent or continuation
  };
  std::unordered_map<TreeNodeId, Count> counts;
  bool has_longer = false;
  for (std::uint32_t number = 0; number < tree.places().size(); ++number) {
    const Place& place = tree.places()[number];
    if (place.request == kNone) continue;
    Count& count = counts[tree[place.request].root];
    ++count.exchanges;
    const bool plain = place.edge == Edge::start || place.edge == Edge::retry;
    if (!plain || tree.exchange_of(number).tools != kNoText) count.stands_alone = false;
    has_longer = has_longer || !count.stands_alone;
  }
  std::vector<TreeNodeId> roots;
  if (!has_longer) return roots;
  for (const auto& [root, count] : counts) {
    if (count.stands_alone) roots.push_back(root);
  }
  std::sort(roots.begin(), roots.end());
  return roots;
}

}  // namespace albicilla
