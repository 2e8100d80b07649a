// From the exchanges of a group to rows: trees, views, filters, the format and its rules. What
// cannot become a row is rejected with its reason.
#pragma once

#include <string>
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
  Status add_leaves(ConversationTree& tree, ConversationMaker& maker);
  Status add_turns(ConversationTree& tree, ConversationMaker& maker);
  Status add_calls(ConversationTree& tree, ConversationMaker& maker);
  Status add_preferences(ConversationTree& tree, ConversationMaker& maker);
  Status finish_row(const Conversation& conversation, const LineOrigin& origin, Status made);
  // A reason of the client's ends here, one of ours goes on.
  Status reject(const LineOrigin& origin, const Error& error);
  LineOrigin origin_of(const ConversationTree& tree, TreeNodeId node) const;

  const ConvertOptions& options_;
  const std::vector<LogFile>& files_;
  RowSink* sink_ = nullptr;
  Tally* tally_ = nullptr;
  Conversation conversation_;
  Conversation rejected_;
  Row row_;
};

}  // namespace albicilla
