#include "converter/provenance_json.h"

#include <cstring>
#include <utility>

#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

std::string_view word(View view) {
  if (view == View::trajectory) return "trajectory";
  return view == View::call ? "call" : "turn";
}

// Each of these appends a comma, a member's name and its value.
void add_list(std::string& out, std::string_view name, const std::vector<std::string>& bodies) {
  out += name;
  out.push_back('[');
  for (const std::string& body : bodies) {
    out += &body == bodies.data() ? "\"" : ",\"";
    out += body;
    out.push_back('"');
  }
  out.push_back(']');
}

void add_body(std::string& out, std::string_view name, std::string_view body) {
  out += name;
  out += body;
  out.push_back('"');
}

void add_if_any(std::string& out, std::string_view name, const std::string& body) {
  if (!body.empty()) add_body(out, name, body);
}

// What stands between the hash of a turn and its closing brace.
std::string_view turn_facts(const Turn& turn) {
  const bool learned = turn.weight != 0;
  switch (turn.role) {
    case Role::system:
      return turn.observed ? R"(","role":"system","observed":true})"
                           : R"(","role":"system","observed":false})";
    case Role::user:
      return turn.observed ? R"(","role":"user","observed":true})"
                           : R"(","role":"user","observed":false})";
    case Role::tool:
      return turn.observed ? R"(","role":"tool","observed":true})"
                           : R"(","role":"tool","observed":false})";
    case Role::assistant:
      break;
  }
  if (turn.observed) {
    return learned ? R"(","role":"assistant","observed":true,"weight":1})"
                   : R"(","role":"assistant","observed":true,"weight":0})";
  }
  return learned ? R"(","role":"assistant","observed":false,"weight":1})"
                 : R"(","role":"assistant","observed":false,"weight":0})";
}

// One of these a turn: the longest part of the object, put together in one piece.
void append_turn(std::string& out, const Turn& turn, bool first) {
  constexpr std::string_view kStart = R"(,{"hash":")";
  constexpr std::size_t kMost = 128;
  char piece[kMost];
  std::memcpy(piece, kStart.data(), kStart.size());
  put_hex(piece + kStart.size(), turn.hash);
  const std::string_view facts = turn_facts(turn);
  char* const behind = piece + kStart.size() + kHexSize;
  std::memcpy(behind, facts.data(), facts.size());
  out.append(piece + (first ? 1 : 0), behind + facts.size());
}

}  // namespace

void append_provenance(std::string& out, const Conversation& conversation,
                       const TokenCount& count) {
  const Provenance& provenance = conversation.provenance;
  add_body(out, R"({"id":")", provenance.id);
  out += R"(,"session":")";
  append_escaped(out, provenance.session);
  add_body(out, R"(","view":")", word(conversation.view));
  add_if_any(out, R"(,"user":")", provenance.user);
  add_if_any(out, R"(,"client":")", provenance.client);
  add_list(out, R"(,"models":)", provenance.models);
  add_body(out, R"(,"started_at":")", iso8601(provenance.started_at));
  add_body(out, R"(,"ended_at":")", iso8601(provenance.ended_at));
  add_body(out, R"(,"edge":")", to_string(provenance.edge));
  add_if_any(out, R"(,"from":")", provenance.from);
  add_if_any(out, R"(,"parent_call_id":")", provenance.parent_call_id);
  add_list(out, R"(,"exchanges":)", provenance.exchanges);
  if (!count.source.empty()) {
    out += R"(,"tokens":)" + std::to_string(count.tokens);
    add_body(out, R"(,"tokens_source":")", count.source);
  }
  out += R"(,"turns":[)";
  bool first = true;
  for (const Turn& turn : conversation.turns) append_turn(out, turn, std::exchange(first, false));
  out += "]}";
}

}  // namespace albicilla
