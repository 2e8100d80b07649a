#include "converter/viewer/conversation_json.h"

#include <algorithm>
#include <optional>

#include "converter/reading/json_text.h"
#include "converter/viewer/json_member.h"
#include "converter/viewer/session_row.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kMostSourceBytes = 200;     // of an image's address
constexpr std::size_t kMostUnknownBytes = 65536;  // of a part that we do not know

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::whole:
      return "whole";
    case Outcome::cut:
      return "cut";
    case Outcome::filtered:
      return "filtered";
    case Outcome::failed:
      break;
  }
  return "failed";
}

class ConversationWriter {
 public:
  ConversationWriter(std::string& out, Reconstruction& session)
      : json_(out), session_(session), tree_(session.tree()) {}

  Status write(std::size_t branch) {
    json_.begin_object().key("branches").begin_array();
    for (const Reconstruction::Branch& one : session_.branches()) write_branch(one);
    json_.end_array();
    put(json_, "branch", branch);
    json_.key("messages").begin_array();
    if (branch < session_.branches().size()) {
      if (Status status = write_messages(session_.branches()[branch]); !status) return status;
    }
    json_.end_array().key("troubles").begin_array();
    for (const Reconstruction::Trouble& trouble : session_.troubles()) {
      json_.begin_object();
      put(json_, "ref", trouble.ref);
      put(json_, "why", trouble.why);
      json_.end_object();
    }
    json_.end_array().end_object();
    return {};
  }

 private:
  void write_branch(const Reconstruction::Branch& branch) {
    const TreeNode& end = tree_[branch.end];
    const Place& root = tree_.places()[tree_[end.root].exchange];
    json_.begin_object();
    put(json_, "key", branch.key);
    put(json_, "start", session_.ref_of(tree_[end.root].exchange));
    put(json_, "end", session_.ref_of(branch.place));
    put(json_, "messages", branch.depth);
    put(json_, "started_at", micros(tree_.exchange_of(tree_[end.root].exchange).started_at));
    put(json_, "closed_at", micros(tree_.exchange_of(branch.place).closed_at));
    put(json_, "edge", albicilla::to_string(root.edge));
    put(json_, "helper", branch.is_helper);
    put(json_, "outcome", end.observed() ? to_string(end.outcome) : "unanswered");
    json_.key("caller");
    if (root.call_node != kNone) {
      json_.text(session_.branches()[session_.branch_through(root.call_node)].key);
    } else {
      json_.null();
    }
    json_.end_object();
  }

  Status write_messages(const Reconstruction::Branch& branch) {
    const ItemTrie& trie = tree_.log().trie();
    std::vector<NodeId> system;
    NodeId id = tree_.exchange_of(branch.place).system;
    for (; id != kSystemRootNode; id = trie[id].parent) system.push_back(id);
    std::reverse(system.begin(), system.end());
    for (const NodeId node : system) {
      json_.begin_object();
      put(json_, "role", "system");
      if (Status status = write_parts(node, kNone); !status) return status;
      json_.end_object();
    }
    TreeNodeId calling = kNone;
    for (const TreeNodeId node : tree_.path_to(branch.end)) {
      if (Status status = write_message(node, calling); !status) return status;
      if (tree_.has_calls(node)) calling = node;
    }
    return {};
  }

  Status write_message(TreeNodeId id, TreeNodeId calling) {
    const TreeNode& node = tree_[id];
    const TrieNode& item = tree_.log().trie()[node.trie];
    json_.begin_object();
    put(json_, "role", albicilla::to_string(item.role));
    put(json_, "observed", node.observed());
    put(json_, "ref", session_.ref_of(node.observed() ? node.answered : node.exchange));
    if (node.observed()) put(json_, "outcome", to_string(node.outcome));
    if (const auto retries = session_.retries_at(id); retries > 0) put(json_, "retries", retries);
    write_edge(session_.edge_at(id));
    write_alternatives(id);
    if (item.role == albicilla::Role::tool && calling != kNone && !item.unknown_result) {
      put(json_, "call", call_id(calling, item.call));
    }
    if (Status status = write_parts(node.trie, id); !status) return status;
    json_.end_object();
    return {};
  }

  void write_edge(std::uint32_t number) {
    if (number == kNone) return;
    const Place& place = tree_.places()[number];
    put(json_, "edge", albicilla::to_string(place.edge));
    if (place.from != kNone) put(json_, "from", session_.ref_of(place.from));
    put(json_, "by", session_.ref_of(number));
  }

  void write_alternatives(TreeNodeId id) {
    const std::vector<TreeNodeId> nodes = session_.alternatives(id);
    if (nodes.size() < 2) return;
    put(json_, "alternative",
        static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), id) - nodes.begin()));
    json_.key("alternatives").begin_array();
    for (const TreeNodeId node : nodes) {
      json_.text(session_.branches()[session_.branch_through(node)].key);
    }
    json_.end_array();
  }

  // `node`: where the item stands in a tree, for its sub-agents; kNone when it stands in none.
  Status write_parts(NodeId trie, TreeNodeId node) {
    const ItemTrie& items = tree_.log().trie();
    list_.clear();
    loaded_.clear();
    for (const std::uint32_t piece : items.pieces(trie)) {
      Status status = tree_.log().store().read_item(piece, loaded_, list_);
      if (!status) return status;
    }
    if (!list_.items.empty() && list_.items.front().is_error) put(json_, "is_error", true);
    json_.key("parts").begin_array();
    std::uint32_t call = 0;
    // A piece's parts are those of its item alone.
    for (const Item& item : list_.items) {
      for (std::uint32_t i = 0; i < item.part_count; ++i) {
        write_part(list_.parts[item.first_part + i], node, call);
      }
    }
    json_.end_array();
    return {};
  }

  void write_part(const Part& part, TreeNodeId node, std::uint32_t& call) {
    json_.begin_object();
    switch (part.kind) {
      case PartKind::text:
        write_text("text", part.text);
        break;
      case PartKind::reasoning:
        write_text("thinking", part.text);
        break;
      case PartKind::refusal:
        write_text("refusal", part.text);
        break;
      case PartKind::call:
        write_call(part, node, call++);
        break;
      case PartKind::image:
        put(json_, "kind", "file");
        put(json_, "text", "image, " + source_of(part.text));
        break;
      case PartKind::media:
        put(json_, "kind", "file");
        put(json_, "text", "attachment, " + std::to_string(part.raw.size()) + " bytes of JSON");
        break;
      case PartKind::other:
        put(json_, "kind", "unknown");
        put(json_, "text", part.raw.substr(0, kMostUnknownBytes));
        break;
    }
    json_.end_object();
  }

  void write_text(std::string_view kind, const RawString& text) {
    put(json_, "kind", kind);
    json_.key("text").raw(quoted(text));
  }

  void write_call(const Part& part, TreeNodeId node, std::uint32_t call) {
    put(json_, "kind", "call");
    put(json_, "id", call_id(node, call));
    json_.key("name").raw(quoted(part.name));
    json_.key("input").raw(part.arguments.empty() ? "null" : part.arguments);
    if (node == kNone) return;
    json_.key("agents").begin_array();
    for (const Reconstruction::SubAgent& agent : session_.agents_of(node)) {
      if (agent.call == call) json_.text(session_.branches()[agent.branch].key);
    }
    json_.end_array();
  }

  // Of this answer alone: what clients call their calls may repeat.
  static std::string call_id(TreeNodeId node, std::uint32_t call) {
    return std::to_string(node) + "." + std::to_string(call);
  }

  std::string_view quoted(const RawString& text) {
    TextRepairs repairs;
    scratch_ = "\"";
    append_respelled(scratch_, text, repairs);
    scratch_ += '"';
    return scratch_;
  }

  static std::string source_of(const RawString& text) {
    if (text.body.starts_with("http") && text.body.size() <= kMostSourceBytes) {
      TextRepairs repairs;
      std::string url;
      append_text(url, text, repairs);
      return url;
    }
    return std::to_string(text.body.size()) + " characters";
  }

  JsonWriter json_;
  Reconstruction& session_;
  ConversationTree& tree_;
  ItemList list_;
  LoadedTexts loaded_;
  std::string scratch_;
};

}  // namespace

Status write_conversation(std::string& out, Reconstruction& session, std::size_t branch) {
  return ConversationWriter(out, session).write(branch);
}

}  // namespace albicilla::viewer
