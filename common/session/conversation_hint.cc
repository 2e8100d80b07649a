#include "common/session/conversation_hint.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "common/base/bytes.h"
#include "common/base/digest.h"
#include "common/session/conversation_turns.h"

namespace albicilla {

namespace {

constexpr std::uint8_t kFormatVersion = 1;
constexpr std::uint8_t kResets = 1;
constexpr std::uint8_t kHasSketch = 2;
constexpr std::uint8_t kRepeats = 4;
// The latest state finds nearly everything; older ones are for histories whose end was changed.
constexpr std::size_t kMostStates = 4;
constexpr std::size_t kMostKeys = 16;
constexpr std::size_t kGram = 5;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xFF51AFD7ED558CCDULL;
  value ^= value >> 33;
  value *= 0xC4CEB9FE1A85EC53ULL;
  return value ^ (value >> 33);
}

ConversationKey key_of(std::string_view bytes) {
  const Digest digest = sha256(bytes);
  ConversationKey key;
  std::copy_n(digest.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

std::string_view without_end_space(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// Whole words only: "clear" does not stand in "unclear".
bool has_phrase(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

// The state after each turn, folded one by one.
class StateChain {
 public:
  StateChain(std::string_view user_id, bool sketch)
      : state_(key_of("albicilla conversation\n" + std::string(user_id))), sketch_(sketch) {}

  void take(const Turn& turn) {
    if (sketch_) text_.add(turn.text);
    // What a model says in several pieces is one turn: an answer may go on where a client began it.
    if (turn.role == TurnRole::model) {
      pending_ = true;
      said_ += turn.text;
      called_ += turn.other;
      return;
    }
    flush();
    fold(turn.role == TurnRole::tool ? 't' : 'u', turn.text, turn.other);
  }

  // The end of what is known: a model's turn ends here.
  void flush() {
    if (!pending_) return;
    fold('m', without_end_space(said_), called_);
    said_.clear();
    called_.clear();
    pending_ = false;
    model_states_.push_back(state_);
    model_text_ = text_;
  }

  ConversationKey state() const { return state_; }
  // After each turn of a model's, in order.
  const std::vector<ConversationKey>& model_states() const { return model_states_; }
  const HistorySketch& model_text() const { return model_text_; }

 private:
  void fold(char kind, std::string_view text, std::string_view other) {
    std::string bytes(state_.view());
    bytes += kind;
    append_integer(bytes, std::uint64_t{text.size()});
    bytes += text;
    bytes += other;
    state_ = key_of(bytes);
  }

  ConversationKey state_;
  bool sketch_;
  bool pending_ = false;
  std::string said_;
  std::string called_;
  std::vector<ConversationKey> model_states_;
  HistorySketch text_;
  HistorySketch model_text_;
};

void append_keys(std::string& out, const std::vector<ConversationKey>& keys) {
  const std::size_t count = std::min(keys.size(), kMostKeys);
  append_integer(out, static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) out += keys[i].view();
}

std::vector<ConversationKey> take_keys(ByteReader& reader) {
  std::vector<ConversationKey> keys;
  const auto count = reader.integer<std::uint8_t>();
  for (std::uint8_t i = 0; i < count && reader.ok(); ++i) {
    if (const auto key = id_from_bytes<ConversationKey>(reader.bytes(16))) keys.push_back(*key);
  }
  return keys;
}

// An answer by its name, as the Responses API continues one.
ConversationKey named_state(std::string_view user_id, std::string_view id) {
  return key_of("albicilla answer\n" + std::string(user_id) + "\n" + std::string(id));
}

}  // namespace

void HistorySketch::add(std::string_view text) {
  std::uint64_t window = 0;
  std::size_t filled = 0;
  for (const char c : text) {
    window = ((window << 8) | static_cast<unsigned char>(lower(c))) & 0xFFFFFFFFFFULL;
    if (++filled < kGram) continue;
    const std::uint64_t hash = mixed(window);
    std::uint16_t& slot = slots_[hash % kSlots];
    slot = std::min(slot, static_cast<std::uint16_t>((hash >> 32) & 0x7FFF));
  }
}

double HistorySketch::similarity(const HistorySketch& other) const {
  int same = 0;
  int any = 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slots_[i] == kEmpty && other.slots_[i] == kEmpty) continue;
    ++any;
    if (slots_[i] == other.slots_[i]) ++same;
  }
  return any == 0 ? 0 : static_cast<double>(same) / any;
}

void HistorySketch::append_to(std::string& out) const {
  for (const std::uint16_t slot : slots_) append_integer(out, slot);
}

HistorySketch HistorySketch::from_bytes(std::string_view bytes) {
  HistorySketch sketch;
  ByteReader reader(bytes);
  for (std::uint16_t& slot : sketch.slots_) slot = reader.integer<std::uint16_t>();
  return sketch;
}

std::string encode(const ConversationHint& hint) {
  std::string out;
  append_integer(out, kFormatVersion);
  append_integer(out, static_cast<std::uint8_t>((hint.resets ? kResets : 0) |
                                                (hint.has_sketch ? kHasSketch : 0) |
                                                (hint.repeats ? kRepeats : 0)));
  append_integer(out, hint.messages);
  append_integer(out, hint.peer);
  append_keys(out, hint.continues);
  append_keys(out, hint.reaches);
  if (hint.has_sketch) {
    hint.history.append_to(out);
    hint.state.append_to(out);
  }
  return out;
}

Result<ConversationHint> parse_conversation_hint(std::string_view bytes) {
  ByteReader reader(bytes);
  ConversationHint hint;
  const auto version = reader.integer<std::uint8_t>();
  const auto flags = reader.integer<std::uint8_t>();
  hint.messages = reader.integer<std::uint32_t>();
  hint.peer = reader.integer<std::uint64_t>();
  hint.continues = take_keys(reader);
  hint.reaches = take_keys(reader);
  hint.resets = (flags & kResets) != 0;
  hint.has_sketch = (flags & kHasSketch) != 0;
  hint.repeats = (flags & kRepeats) != 0;
  if (hint.has_sketch) {
    hint.history = HistorySketch::from_bytes(reader.bytes(HistorySketch::kBytes));
    hint.state = HistorySketch::from_bytes(reader.bytes(HistorySketch::kBytes));
  }
  if (version != kFormatVersion || flags > (kResets | kHasSketch | kRepeats) ||
      hint.continues.size() > kMostKeys || hint.reaches.size() > kMostKeys || !reader.finished()) {
    return client_error("conversation hint: " + std::to_string(bytes.size()) +
                        " bytes that are none of version " + std::to_string(kFormatVersion));
  }
  return hint;
}

ConversationHint conversation_hint(const ConversationExchange& exchange,
                                   const ConversationRules& rules) {
  ConversationHint hint;
  StateChain chain(exchange.user_id, rules.sketch);
  std::string last_user;
  visit_request_turns(exchange.request, [&](const Turn& turn) {
    if (hint.messages < std::numeric_limits<std::uint32_t>::max()) ++hint.messages;
    if (turn.role == TurnRole::user && !rules.reset_phrases.empty()) last_user = turn.text;
    chain.take(turn);
  });
  std::transform(last_user.begin(), last_user.end(), last_user.begin(), lower);
  hint.resets =
      std::any_of(rules.reset_phrases.begin(), rules.reset_phrases.end(),
                  [&](const std::string& phrase) { return has_phrase(last_user, phrase); });
  const Digest peer = sha256(exchange.peer);
  std::memcpy(&hint.peer, peer.data(), sizeof hint.peer);

  StateChain whole = chain;
  chain.flush();
  const auto& states = chain.model_states();
  if (!exchange.previous_id.empty()) {
    hint.continues.push_back(named_state(exchange.user_id, exchange.previous_id));
  }
  for (std::size_t i = states.size(); i > 0 && states.size() - i < kMostStates; --i) {
    hint.continues.push_back(states[i - 1]);
  }
  // An opener tried again has no earlier state; its own words and its sender stand for one.
  if (hint.continues.empty() && hint.messages > 0) {
    const ConversationKey opener = key_of("albicilla opener\n" + std::string(chain.state().view()) +
                                          std::string(exchange.peer));
    hint.repeats = exchange.repeated;
    if (hint.repeats) hint.continues.push_back(opener);
    if (exchange.failed) hint.reaches.push_back(opener);
  }
  bool answered = false;
  visit_answer_turns(exchange.answer, [&](const Turn& turn) {
    answered = true;
    whole.take(turn);
  });
  whole.flush();
  if (answered && !whole.model_states().empty()) {
    hint.reaches.insert(hint.reaches.begin(), whole.model_states().back());
  }
  if (!exchange.answer_id.empty()) {
    hint.reaches.push_back(named_state(exchange.user_id, exchange.answer_id));
  }
  hint.has_sketch = rules.sketch;
  if (rules.sketch) {
    hint.history = chain.model_text();
    hint.state = whole.model_text();
  }
  return hint;
}

}  // namespace albicilla
