#include "converter/provenance_json.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

std::string_view word(View view) {
  if (view == View::trajectory) return "trajectory";
  return view == View::call ? "call" : "turn";
}

// Puts the object together at the end of `out`, from many pieces: the room for them is made once,
// and one comparison for each member sees that it is there.
class MetaWriter {
 public:
  // `expected`: bytes that it probably takes.
  MetaWriter(std::string& out, std::size_t expected) : out_(out) {
    const std::size_t before = out_.size();
    out_.resize(before + expected);
    at_ = out_.data() + before;
    end_ = out_.data() + out_.size();
  }
  ~MetaWriter() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
  MetaWriter(const MetaWriter&) = delete;
  MetaWriter& operator=(const MetaWriter&) = delete;

  template <std::size_t N>
  MetaWriter& text(const char (&piece)[N]) {
    need(N - 1);
    put(piece);
    return *this;
  }
  // A member whose value is a string: its name with the opening quote, and the string's inside.
  template <std::size_t N>
  MetaWriter& body(const char (&name)[N], std::string_view inside) {
    need(N + inside.size());
    put(name);
    put(inside);
    *at_++ = '"';
    return *this;
  }
  template <std::size_t N>
  MetaWriter& body_if_any(const char (&name)[N], std::string_view inside) {
    return inside.empty() ? *this : body(name, inside);
  }
  template <std::size_t N>
  MetaWriter& list(const char (&name)[N], const std::vector<std::string>& bodies) {
    text(name).text("[");
    for (const std::string& inside : bodies) {
      if (&inside != bodies.data()) text(",");
      body("\"", inside);
    }
    return text("]");
  }
  MetaWriter& number(std::uint64_t value) {
    const std::string digits = std::to_string(value);
    need(digits.size());
    put(digits);
    return *this;
  }
  // A turn, with what stands behind its hash.
  MetaWriter& turn(const Hash128& hash, std::string_view facts) {
    constexpr char kStart[] = R"({"hash":")";
    need(sizeof kStart + kHexSize + facts.size());
    put(kStart);
    put_hex(at_, hash);
    at_ += kHexSize;
    put(facts);
    return *this;
  }

 private:
  template <std::size_t N>
  void put(const char (&piece)[N]) {
    std::memcpy(at_, piece, N - 1);
    at_ += N - 1;
  }
  void put(std::string_view piece) { at_ += piece.copy(at_, piece.size()); }
  void need(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - at_)) grow(bytes);
  }
  [[gnu::cold]] void grow(std::size_t bytes) {
    const auto size = static_cast<std::size_t>(at_ - out_.data());
    out_.resize(2 * out_.size() + bytes);
    at_ = out_.data() + size;
    end_ = out_.data() + out_.size();
  }

  std::string& out_;
  char* at_;   // behind what is written
  char* end_;  // of the room
};

std::size_t size_of(const std::vector<std::string>& bodies) {
  std::size_t size = 0;
  for (const std::string& body : bodies) size += body.size() + 3;
  return size;
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

// About what the object takes, rather too much.
std::size_t expected_size(const Conversation& conversation, std::string_view session) {
  constexpr std::size_t kNames = 512;  // with values of known size
  constexpr std::size_t kTurn = 128;
  const Provenance& provenance = conversation.provenance;
  return kNames + session.size() + provenance.user.size() + provenance.client.size() +
         provenance.from.size() + provenance.parent_call_id.size() + size_of(provenance.models) +
         size_of(provenance.exchanges) + kTurn * conversation.turns.size();
}

}  // namespace

void append_provenance(std::string& out, const Conversation& conversation,
                       const TokenCount& count) {
  const Provenance& provenance = conversation.provenance;
  std::string session;
  append_escaped(session, provenance.session);
  MetaWriter pieces(out, expected_size(conversation, session));
  pieces.body(R"({"id":")", provenance.id)
      .body(R"(,"session":")", session)
      .body(R"(,"view":")", word(conversation.view))
      .body_if_any(R"(,"user":")", provenance.user)
      .body_if_any(R"(,"client":")", provenance.client)
      .list(R"(,"models":)", provenance.models)
      .body(R"(,"started_at":")", iso8601(provenance.started_at))
      .body(R"(,"ended_at":")", iso8601(provenance.ended_at))
      .body(R"(,"edge":")", to_string(provenance.edge))
      .body_if_any(R"(,"from":")", provenance.from)
      .body_if_any(R"(,"parent_call_id":")", provenance.parent_call_id)
      .list(R"(,"exchanges":)", provenance.exchanges);
  if (!count.source.empty()) {
    pieces.text(R"(,"tokens":)").number(count.tokens);
    pieces.body(R"(,"tokens_source":")", count.source);
  }
  pieces.text(R"(,"turns":[)");
  bool first = true;
  for (const Turn& turn : conversation.turns) {
    if (!std::exchange(first, false)) pieces.text(",");
    pieces.turn(turn.hash, turn_facts(turn));
  }
  pieces.text("]}");
}

}  // namespace albicilla
