#include "converter/provenance_json.h"

#include <utility>

#include "converter/format/row_writer.h"

namespace albicilla {

namespace {

std::string_view word(View view) {
  if (view == View::trajectory) return "trajectory";
  return view == View::call ? "call" : "turn";
}

void add_list(RowWriter& row, std::string_view name, const std::vector<std::string>& bodies) {
  row.key(name).begin_array();
  for (const std::string& body : bodies) row.body(body);
  row.end_array();
}

void add_text(RowWriter& row, std::string_view name, const std::string& body) {
  if (!body.empty()) row.key(name).body(body);
}

// One of these a turn: the longest part of the object, put together from as few pieces as can be.
void append_turn(std::string& out, const Turn& turn, bool first) {
  out += first ? R"({"hash":")" : R"(,{"hash":")";
  append_hex(out, turn.hash);
  out += R"(","role":")";
  out += to_string(turn.role);
  out += turn.observed ? R"(","observed":true)" : R"(","observed":false)";
  if (turn.role == Role::assistant) {
    out += R"(,"weight":)";
    out += std::to_string(turn.weight);
  }
  out.push_back('}');
}

}  // namespace

void append_provenance(std::string& out, const Conversation& conversation,
                       const TokenCount& count) {
  const Provenance& provenance = conversation.provenance;
  RowWriter row(out);
  row.begin_object();
  row.key("id").body(provenance.id).key("session").plain(provenance.session);
  row.key("view").body(word(conversation.view));
  add_text(row, "user", provenance.user);
  add_text(row, "client", provenance.client);
  add_list(row, "models", provenance.models);
  row.key("started_at").body(iso8601(provenance.started_at));
  row.key("ended_at").body(iso8601(provenance.ended_at));
  row.key("edge").body(to_string(provenance.edge));
  add_text(row, "from", provenance.from);
  add_text(row, "parent_call_id", provenance.parent_call_id);
  add_list(row, "exchanges", provenance.exchanges);
  if (!count.source.empty()) {
    row.key("tokens").number(static_cast<std::int64_t>(count.tokens));
    row.key("tokens_source").plain(count.source);
  }
  row.key("turns").begin_array();
  bool first = true;
  for (const Turn& turn : conversation.turns) append_turn(out, turn, std::exchange(first, false));
  row.end_array().end_object();
}

}  // namespace albicilla
