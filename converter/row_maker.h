// From the exchanges of a group to rows: trees, views, filters, the format and its rules. What
// cannot become a row is rejected with its reason.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "converter/format/dataset_format.h"
#include "converter/options.h"
#include "converter/reading/conversation.h"
#include "converter/reading/conversation_maker.h"
#include "converter/reading/conversation_tree.h"
#include "converter/rows.h"

namespace albicilla {

// Used for group after group; belongs to one thread.
class RowMaker {
 public:
  RowMaker(const ConvertOptions& options, const std::vector<LogFile>& files)
      : options_(options), files_(files) {}

  // All rows of all sessions in `table`, in a fixed order. An error ends the run.
  Status make(ExchangeTable& table, const ReadingNotes& notes, RowSink& sink, Tally& tally);

 private:
  Status make_session(ConversationTree& tree, const std::string& session);
  Status note_places(const ConversationTree& tree);
  Status add_leaves(ConversationTree& tree, ConversationMaker& maker);
  Status add_leaf(ConversationTree& tree, ConversationMaker& maker, TreeNodeId leaf,
                  std::span<const TreeNodeId> leaves, std::vector<bool>& taken);
  Status add_turns(ConversationTree& tree, ConversationMaker& maker);
  Status add_calls(ConversationTree& tree, ConversationMaker& maker);
  Status add_preferences(ConversationTree& tree, ConversationMaker& maker);
  // Of what was made into `conversation_`, unless the user does not want it.
  Status add_row(Status made, std::span<const SubAgent> children, const LineOrigin& origin);
  Status finish_row(const LineOrigin& origin, Status made);
  Status redact();
  void count_tokens();
  void count_usage();
  bool is_helper(const ConversationTree& tree, TreeNodeId node) const;
  // A reason of the client's ends here, one of ours goes on.
  Status reject(const LineOrigin& origin, const Error& error);
  LineOrigin origin_of(const ConversationTree& tree, TreeNodeId node) const;

  const ConvertOptions& options_;
  const std::vector<LogFile>& files_;
  std::optional<ConversationTree> tree_;  // both are used for session after session
  std::optional<ConversationMaker> maker_;
  RowSink* sink_ = nullptr;
  Tally* tally_ = nullptr;
  Conversation conversation_;
  Conversation rejected_;
  Row row_;
  RowMemory memory_;                                       // of the row and those before it
  std::array<std::uint64_t, kEdges> edges_{};              // seen in this call of make()
  std::vector<TreeNodeId> helpers_;                        // roots of this session
  std::set<std::pair<std::string, std::string>> counted_;  // day and scenario of this session
};

}  // namespace albicilla
