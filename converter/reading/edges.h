// Names what only a whole session shows: which trees go on where an earlier one was cut down or
// summed up, which were started by another's call, and which merely help (titles, topics).
#pragma once

#include <vector>

#include "common/base/result.h"
#include "converter/reading/conversation_tree.h"

namespace albicilla {

// Sets edge, from and call of the tree's places. Call it once, after build().
Status name_edges(ConversationTree& tree);

// Roots of trees that are no conversations of their own: one exchange without tools, beside a
// longer tree of the session that it neither continues nor was called by.
std::vector<TreeNodeId> helper_roots(const ConversationTree& tree);

}  // namespace albicilla
