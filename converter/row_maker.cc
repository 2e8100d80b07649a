#include "converter/row_maker.h"

#include <algorithm>
#include <utility>

#include "converter/format/registry.h"
#include "converter/provenance_json.h"

namespace albicilla {

LineOrigin RowMaker::origin_of(const ConversationTree& tree, TreeNodeId node) const {
  return tree.exchange_of(tree[node].answered).origin;
}

Status RowMaker::reject(const LineOrigin& origin, const Error& error) {
  if (error.fault == Fault::ours) return error;
  tally_->rejects.push_back({files_[origin.file].name, origin.number, error.message});
  return {};
}

Status RowMaker::make(ExchangeTable& table, const ReadingNotes& notes, RowSink& sink,
                      Tally& tally) {
  sink_ = &sink;
  tally_ = &tally;
  ConversationTree tree(table);
  for (const auto& skipped : table.skipped()) tally.skipped[skipped.kind] += skipped.count;
  for (std::uint32_t session = 0; session < table.sessions().size(); ++session) {
    const std::string& name = table.sessions()[session];
    ++tally.sessions;
    if (notes.poisoned.contains(name)) {
      ++tally.poisoned_sessions;
      if (!options_.include_poisoned) continue;
    }
    if (auto status = tree.build(session); !status) return status;
    if (auto status = make_session(tree, name); !status) return status;
  }
  tally.lone_surrogates += table.store().repairs().lone_surrogates;
  tally.duplicate_keys += table.store().repairs().duplicate_keys;
  return {};
}

Status RowMaker::make_session(ConversationTree& tree, const std::string& session) {
  for (const Place& place : tree.places()) {
    if (place.request == kNone) {
      const Error error = client_error(std::string(place.trouble));
      const LineOrigin& origin = tree.log().exchanges()[place.exchange].origin;
      if (auto status = reject(origin, error); !status) return status;
    } else {
      ++tally_->edges[std::string(to_string(place.edge))];
    }
  }
  ConversationMaker maker(tree, session);
  if (options_.format->kind() == RowKind::preference) return add_preferences(tree, maker);
  switch (options_.view) {
    case View::trajectory:
      return add_leaves(tree, maker);
    case View::turn:
      return add_turns(tree, maker);
    case View::call:
      return add_calls(tree, maker);
  }
  return {};
}

Status RowMaker::finish_row(const Conversation& conversation, const LineOrigin& origin,
                            Status made) {
  if (!made) return reject(origin, made.error());
  if (auto status = options_.format->check(row_.text); !status) {
    return reject(origin, status.error());
  }
  const Provenance& provenance = conversation.provenance;
  row_.day = utc_day(provenance.started_at);
  row_.session = provenance.session;
  row_.id = provenance.id;
  row_.prefixes.clear();
  for (const Turn& turn : conversation.turns) row_.prefixes.push_back(turn.hash);
  row_.meta.clear();
  append_provenance(row_.meta, conversation);
  ++tally_->rows;
  for (const std::string& model : provenance.models) ++tally_->models[model];
  return sink_->take(row_);
}

Status RowMaker::add_leaves(ConversationTree& tree, ConversationMaker& maker) {
  for (const TreeNodeId leaf : tree.leaves()) {
    ++tally_->conversations;
    row_.text.clear();
    auto status = maker.make(View::trajectory, leaf, conversation_);
    if (status) status = options_.format->append(conversation_, {}, row_.text);
    status = finish_row(conversation_, origin_of(tree, leaf), std::move(status));
    if (!status) return status;
  }
  return {};
}

Status RowMaker::add_turns(ConversationTree& tree, ConversationMaker& maker) {
  for (TreeNodeId node = 0; node < tree.size(); ++node) {
    if (!tree[node].observed() || tree[node].outcome != Outcome::whole) continue;
    ++tally_->conversations;
    row_.text.clear();
    auto status = maker.make(View::turn, node, conversation_);
    if (status) status = options_.format->append(conversation_, {}, row_.text);
    status = finish_row(conversation_, origin_of(tree, node), std::move(status));
    if (!status) return status;
  }
  return {};
}

Status RowMaker::add_calls(ConversationTree& tree, ConversationMaker& maker) {
  for (std::uint32_t number = 0; number < tree.places().size(); ++number) {
    const Exchange& exchange = tree.exchange_of(number);
    for (std::uint32_t answer = 0; answer < exchange.answer_count; ++answer) {
      if (tree.log().answers(exchange)[answer].outcome != Outcome::whole) continue;
      ++tally_->conversations;
      row_.text.clear();
      auto status = maker.make_call(number, answer, conversation_);
      if (status) status = options_.format->append(conversation_, {}, row_.text);
      status = finish_row(conversation_, exchange.origin, std::move(status));
      if (!status) return status;
    }
  }
  return {};
}

Status RowMaker::add_preferences(ConversationTree& tree, ConversationMaker& maker) {
  for (const Preference& pair : tree.preferences()) {
    ++tally_->conversations;
    row_.text.clear();
    auto status = maker.make(View::turn, pair.chosen, conversation_);
    if (status) status = maker.make(View::turn, pair.rejected, rejected_);
    if (status) status = options_.format->append_pair({&conversation_, &rejected_}, row_.text);
    status = finish_row(conversation_, origin_of(tree, pair.chosen), std::move(status));
    if (!status) return status;
  }
  return {};
}

}  // namespace albicilla
