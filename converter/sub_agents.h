// Conversations inside conversations: for formats that put a sub-agent's trajectory into its
// parent's row.
#pragma once

#include <memory>
#include <vector>

#include "common/base/result.h"
#include "converter/format/dataset_format.h"
#include "converter/reading/conversation_maker.h"
#include "converter/reading/conversation_tree.h"

namespace albicilla {

// Owns the conversations that its SubAgents point to.
class SubAgents {
 public:
  // Those that calls on the path to `leaf` started, and theirs. `leaves` are all of the session;
  // which of them became part of it is noted in `taken` (by their place in `leaves`).
  static Result<std::unique_ptr<SubAgents>> collect(const ConversationTree& tree,
                                                    ConversationMaker& maker, TreeNodeId leaf,
                                                    std::span<const TreeNodeId> leaves,
                                                    std::vector<bool>& taken);

  std::span<const SubAgent> children() const { return children_; }

 private:
  std::vector<SubAgent> children_;
  std::vector<std::unique_ptr<Conversation>> conversations_;
  std::vector<std::unique_ptr<SubAgents>> inner_;
};

// The leaf's tree was started by a call.
bool is_sub_agent(const ConversationTree& tree, TreeNodeId leaf);

}  // namespace albicilla
