#include "converter/sub_agents.h"

#include <algorithm>
#include <utility>

namespace albicilla {

namespace {

const Place& root_place(const ConversationTree& tree, TreeNodeId leaf) {
  return tree.places()[tree[tree[leaf].root].exchange];
}

}  // namespace

bool is_sub_agent(const ConversationTree& tree, TreeNodeId leaf) {
  return root_place(tree, leaf).call_node != kNone;
}

Result<std::unique_ptr<SubAgents>> SubAgents::collect(const ConversationTree& tree,
                                                      ConversationMaker& maker, TreeNodeId leaf,
                                                      std::span<const TreeNodeId> leaves,
                                                      std::vector<bool>& taken) {
  auto agents = std::make_unique<SubAgents>();
  const std::vector<TreeNodeId> path = tree.path_to(leaf);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Place& started = root_place(tree, leaves[i]);
    if (taken[i] || leaves[i] == leaf || started.call_node == kNone) continue;
    const auto caller = std::find(path.begin(), path.end(), started.call_node);
    if (caller == path.end()) continue;
    taken[i] = true;
    auto conversation = std::make_unique<Conversation>();
    if (auto status = maker.make(View::trajectory, leaves[i], *conversation); !status) {
      return status.error();
    }
    auto inner = collect(tree, maker, leaves[i], leaves, taken);
    if (!inner) return inner.error();
    agents->children_.push_back({static_cast<std::uint32_t>(caller - path.begin()), started.call,
                                 conversation.get(), (*inner)->children()});
    agents->conversations_.push_back(std::move(conversation));
    agents->inner_.push_back(std::move(*inner));
  }
  return agents;
}

}  // namespace albicilla
