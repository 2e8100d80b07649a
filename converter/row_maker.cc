#include "converter/row_maker.h"

#include <algorithm>
#include <utility>

#include "converter/conversation_text.h"
#include "converter/format/registry.h"
#include "converter/min_hash.h"
#include "converter/provenance_json.h"
#include "converter/reading/edges.h"
#include "converter/scenario.h"
#include "converter/sub_agents.h"

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
  edges_.fill(0);
  if (!tree_ || &tree_->log() != &table) {
    maker_.reset();
    tree_.emplace(table);
  }
  ConversationTree& tree = *tree_;
  for (const auto& skipped : table.skipped()) tally.skipped[skipped.kind] += skipped.count;
  for (std::uint32_t session = 0; session < table.sessions().size(); ++session) {
    const std::string& name = table.sessions()[session];
    ++tally.sessions;
    if (notes.poisoned.contains(name)) {
      ++tally.poisoned_sessions;
      if (!options_.include_poisoned) continue;
    }
    if (auto status = tree.build(session); !status) return status;
    if (auto status = name_edges(tree); !status) return status;
    if (auto status = make_session(tree, name); !status) return status;
  }
  for (std::size_t edge = 0; edge < edges_.size(); ++edge) {
    if (edges_[edge] == 0) continue;
    tally.edges[std::string(to_string(static_cast<Edge>(edge)))] += edges_[edge];
  }
  const TextRepairs repairs = table.store().take_repairs();
  tally.lone_surrogates += repairs.lone_surrogates;
  tally.duplicate_keys += repairs.duplicate_keys;
  return {};
}

Status RowMaker::note_places(const ConversationTree& tree) {
  for (const Place& place : tree.places()) {
    if (place.request == kNone) {
      const Error error = client_error(std::string(place.trouble));
      const LineOrigin& origin = tree.log().exchanges()[place.exchange].origin;
      if (auto status = reject(origin, error); !status) return status;
    } else {
      ++edges_[static_cast<std::size_t>(place.edge)];
    }
  }
  return {};
}

Status RowMaker::make_session(ConversationTree& tree, const std::string& session) {
  if (auto status = note_places(tree); !status) return status;
  counted_.clear();
  helpers_ = options_.drop_helpers ? helper_roots(tree) : std::vector<TreeNodeId>{};
  if (maker_) {
    maker_->start(session);
  } else {
    maker_.emplace(tree, session);
  }
  ConversationMaker& maker = *maker_;
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

bool RowMaker::is_helper(const ConversationTree& tree, TreeNodeId node) const {
  return std::binary_search(helpers_.begin(), helpers_.end(), tree[node].root);
}

Status RowMaker::redact() {
  if (!options_.redaction) return {};
  tally_->redactions += options_.redaction->apply(row_.text);
  options_.redaction->apply(row_.meta);
  if (!options_.redact_check) return {};
  if (auto status = options_.redaction->check(row_.text); !status) return status;
  return options_.redaction->check(row_.meta);
}

void RowMaker::count_tokens() {
  row_.tokens = 0;
  row_.near.clear();
  const bool near = options_.dedupe == Dedupe::near;
  if (!options_.tokens && !near) return;
  const std::string text = conversation_text(conversation_);
  if (near) row_.near = min_hash_bands(text);
  if (!options_.tokens) return;
  row_.tokens = options_.tokenizer ? options_.tokenizer->count(text) : estimated_tokens(text);
  tally_->tokens += row_.tokens;
}

void RowMaker::count_usage() {
  ToolUsage row;
  row.definitions = conversation_.tools.size();
  for (const Turn& turn : conversation_.turns) {
    if (turn.role == Role::user) ++row.client_turns;
    if (turn.role != Role::assistant) continue;
    const std::uint64_t before = row.calls;
    for (const Part& part : turn.parts) {
      if (part.kind != PartKind::call) continue;
      ++row.calls;
      ++tally_->calls[std::string(part.name.body)];
    }
    ++row.assistant_turns;
    row.assistant_turns_with_tools += row.calls > before ? 1 : 0;
  }
  // One entry a session, in the worst case: only for those who ask.
  if (!options_.report && options_.state.empty()) return;
  std::pair<std::string, std::string> key{row_.day, scenario_of(row_.session)};
  ToolUsage& usage = tally_->tool_usage[key];
  if (counted_.insert(std::move(key)).second) ++usage.sessions;
  const auto counts = row.counts();
  const auto fields = usage.fields();
  for (std::size_t i = 0; i < counts.size(); ++i) *fields[i] += counts[i];
}

Status RowMaker::finish_row(const LineOrigin& origin, Status made) {
  if (!made) return reject(origin, made.error());
  if (auto status = options_.format->check({row_.text, memory_}); !status) {
    return reject(origin, status.error());
  }
  const Provenance& provenance = conversation_.provenance;
  row_.day = utc_day(provenance.started_at);
  row_.session = provenance.session;
  row_.id = provenance.id;
  row_.prefixes.clear();
  for (const Turn& turn : conversation_.turns) row_.prefixes.push_back(turn.hash);
  count_tokens();
  row_.meta.clear();
  const char* const source = options_.tokenizer ? "exact" : "estimated";
  append_provenance(row_.meta, conversation_, {row_.tokens, options_.tokens ? source : ""});
  if (auto status = redact(); !status) return reject(origin, status.error());
  if (options_.meta == MetaPlace::inside) {
    row_.text.pop_back();  // its closing brace
    row_.text += ",\"metadata\":" + row_.meta + "}";
  }
  ++tally_->rows;
  count_usage();
  for (const std::string& model : provenance.models) ++tally_->models[model];
  return sink_->take(row_);
}

Status RowMaker::add_row(Status made, std::span<const SubAgent> children,
                         const LineOrigin& origin) {
  ++tally_->conversations;
  row_.text.clear();
  memory_.strings.clear();
  if (!made) return finish_row(origin, std::move(made));
  const std::string_view unwanted = options_.filter.leaves_out(conversation_);
  if (!unwanted.empty()) {
    ++tally_->left_out[std::string(unwanted)];
    return {};
  }
  return finish_row(origin, options_.format->append(conversation_, children, {row_.text, memory_}));
}

Status RowMaker::add_leaf(ConversationTree& tree, ConversationMaker& maker, TreeNodeId leaf,
                          std::span<const TreeNodeId> leaves, std::vector<bool>& taken) {
  if (is_helper(tree, leaf)) {
    ++tally_->left_out["drop-helpers"];
    return {};
  }
  auto made = maker.make(View::trajectory, leaf, conversation_);
  if (!made || !options_.format->nests_sub_agents()) {
    return add_row(std::move(made), {}, origin_of(tree, leaf));
  }
  const auto agents = SubAgents::collect(tree, maker, leaf, leaves, taken);
  if (!agents) return reject(origin_of(tree, leaf), agents.error());
  return add_row({}, (*agents)->children(), origin_of(tree, leaf));
}

Status RowMaker::add_leaves(ConversationTree& tree, ConversationMaker& maker) {
  const std::vector<TreeNodeId> leaves = tree.leaves();
  std::vector<bool> taken(leaves.size(), false);
  // Those that others hold come last: only what no caller took is a row of its own.
  const bool nests = options_.format->nests_sub_agents();
  for (const bool inner : {false, true}) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const bool waits = nests && is_sub_agent(tree, leaves[i]);
      if (waits != inner || taken[i]) continue;
      if (auto status = add_leaf(tree, maker, leaves[i], leaves, taken); !status) return status;
    }
  }
  return {};
}

Status RowMaker::add_turns(ConversationTree& tree, ConversationMaker& maker) {
  for (TreeNodeId node = 0; node < tree.size(); ++node) {
    if (!tree[node].observed() || tree[node].outcome != Outcome::whole) continue;
    if (is_helper(tree, node)) continue;
    auto status = add_row(maker.make(View::turn, node, conversation_), {}, origin_of(tree, node));
    if (!status) return status;
  }
  return {};
}

Status RowMaker::add_calls(ConversationTree& tree, ConversationMaker& maker) {
  for (std::uint32_t number = 0; number < tree.places().size(); ++number) {
    const Exchange& exchange = tree.exchange_of(number);
    for (std::uint32_t answer = 0; answer < exchange.answer_count; ++answer) {
      if (tree.log().answers(exchange)[answer].outcome != Outcome::whole) continue;
      auto status = add_row(maker.make_call(number, answer, conversation_), {}, exchange.origin);
      if (!status) return status;
    }
  }
  return {};
}

Status RowMaker::add_preferences(ConversationTree& tree, ConversationMaker& maker) {
  for (const Preference& pair : tree.preferences()) {
    ++tally_->conversations;
    row_.text.clear();
    memory_.strings.clear();
    auto made = maker.make(View::turn, pair.chosen, conversation_);
    if (made) made = maker.make(View::turn, pair.rejected, rejected_);
    const std::string_view unwanted =
        made ? options_.filter.leaves_out(conversation_) : std::string_view{};
    if (!unwanted.empty()) {
      ++tally_->left_out[std::string(unwanted)];
      continue;
    }
    if (made)
      made = options_.format->append_pair({&conversation_, &rejected_}, {row_.text, memory_});
    auto status = finish_row(origin_of(tree, pair.chosen), std::move(made));
    if (!status) return status;
  }
  return {};
}

}  // namespace albicilla
