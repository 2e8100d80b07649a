// A session's conversations as the converter rebuilds them: trees of items, observed or asserted,
// with named edges; cut into branches, each from a first item to one that nothing follows. Made
// anew for each question from the session's lines, so it never disagrees with a dataset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/conversation_tree.h"
#include "converter/viewer/session_lines.h"

namespace albicilla::viewer {

// A session with more log than this is not rebuilt for a page.
inline constexpr std::uint64_t kMostRebuiltBytes = std::uint64_t{1} << 30;

// Belongs to one thread.
class Reconstruction {
 public:
  struct Branch {
    TreeNodeId end = kNone;
    std::uint32_t place = kNone;  // the exchange that ends it: answered with it, or showed it last
    std::uint32_t depth = 0;      // items
    bool is_helper = false;       // a title, a topic: no conversation of its own
    // Names the branch in addresses for as long as the log stands: "file:line", "file:line~2" for
    // the second of several choices.
    std::string key;
  };
  struct SubAgent {
    std::uint32_t call = 0;  // of the node's calls
    std::size_t branch = 0;
  };
  struct Trouble {
    std::string ref;
    std::string why;
  };

  // `scratch` takes a temporary file without a name when the session is larger than memory allows.
  static Result<std::unique_ptr<Reconstruction>> make(const std::filesystem::path& root,
                                                      const SessionLines& lines,
                                                      const std::filesystem::path& scratch);

  ConversationTree& tree() { return tree_; }
  const std::vector<Branch>& branches() const { return branches_; }
  // The branch that holds this exchange ("file:line"); the longest conversation when there is none.
  std::size_t branch_of(const std::string& key) const;
  // The longest branch through a node.
  std::size_t branch_through(TreeNodeId node) const { return through_[node]; }

  std::string ref_of(std::uint32_t place) const;
  // How often the request that ends at this node was sent again.
  std::uint32_t retries_at(TreeNodeId node) const;
  // The place whose request came out of an earlier one here, other than by going on; kNone: none.
  std::uint32_t edge_at(TreeNodeId node) const;
  std::vector<SubAgent> agents_of(TreeNodeId node) const;
  // What else stands in this node's place, itself included, in the order of its coming.
  std::vector<TreeNodeId> alternatives(TreeNodeId node) const;

  // Exchanges that have no place in any conversation.
  const std::vector<Trouble>& troubles() const { return troubles_; }

 private:
  Reconstruction(const SessionLines& lines, const std::filesystem::path& scratch);

  Status read(const std::filesystem::path& root, const SessionLines& lines);
  void cut_branches();
  void note_places();
  std::string ref_of(const LineOrigin& origin) const;

  std::vector<std::string> files_;
  ExchangeTable table_;
  ConversationTree tree_;
  std::vector<Branch> branches_;
  std::vector<std::size_t> through_;  // by node
  std::unordered_map<TreeNodeId, std::uint32_t> retries_;
  std::unordered_map<TreeNodeId, std::uint32_t> edges_;
  std::unordered_map<TreeNodeId, std::vector<SubAgent>> agents_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::vector<Trouble> troubles_;
};

}  // namespace albicilla::viewer
