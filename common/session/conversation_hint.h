// What an exchange says about the conversation that it belongs to: which earlier states it may
// continue and which states it reaches. A state is a hash over the messages up to a model's turn,
// without what clients change when they send a history back (ids, reasoning, white space at the
// end, system prompts), so a worker can say it and the sink can find the session without either
// looking into the other's bytes. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/id128.h"
#include "common/base/result.h"

namespace albicilla {

using ConversationKey = Id128<struct ConversationKeyTag>;

// The texts of a history, small enough to keep: how many of its word-like pieces two histories
// share is how many of their slots are equal.
class HistorySketch {
 public:
  HistorySketch() { slots_.fill(kEmpty); }
  void add(std::string_view text);
  // 0 to 1; 0 when either has no text.
  double similarity(const HistorySketch& other) const;
  void append_to(std::string& out) const;
  static constexpr std::size_t kSlots = 64;
  static constexpr std::size_t kBytes = kSlots * 2;
  // Exactly kBytes.
  static HistorySketch from_bytes(std::string_view bytes);
  bool operator==(const HistorySketch&) const = default;

 private:
  static constexpr std::uint16_t kEmpty = 0xFFFF;
  std::array<std::uint16_t, kSlots> slots_;
};

struct ConversationHint {
  std::vector<ConversationKey> continues;  // the latest state first
  std::vector<ConversationKey> reaches;
  std::uint64_t peer = 0;      // who asks: address and program, hashed
  std::uint32_t messages = 0;  // of the request
  bool resets = false;         // the last user message asks to start over
  bool repeats = false;        // a first request that failed before: continues that one
  bool has_sketch = false;
  HistorySketch history;  // up to the last model turn of the request
  HistorySketch state;    // up to the answer
  bool operator==(const ConversationHint&) const = default;
};

std::string encode(const ConversationHint& hint);
// An error for anything that encode does not make.
Result<ConversationHint> parse_conversation_hint(std::string_view bytes);

struct ConversationRules {
  bool sketch = false;                     // for similarity
  std::vector<std::string> reset_phrases;  // lower case
};

// JSON texts; the answer is empty when there was none or it is no JSON.
struct ConversationExchange {
  std::string_view request;
  std::string_view answer;
  std::string_view user_id;  // conversations of different users never meet
  std::string_view peer;
  std::string_view answer_id;    // by which the next request may name this answer
  std::string_view previous_id;  // the one that this request names
  bool repeated = false;         // the client says that it has tried before
  bool failed = false;           // it may try again
};

ConversationHint conversation_hint(const ConversationExchange& exchange,
                                   const ConversationRules& rules);

}  // namespace albicilla
