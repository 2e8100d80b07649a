// A stream says the same sentence thousands of times with another word in it. Once an event has
// been taken apart, the next one that has the same bytes around its words needs no parsing: the
// words are checked and joined where the last ones went. This is what makes assembly run at memory
// speed; the result is that of taking every event apart. Private to this room.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/dialect/growing_value.h"
#include "common/sse/sse_parser.h"

namespace albicilla {

// What taking one event apart did, noted on the way. An event may be repeated when everything that
// it did to the object is either the same when done again, or noted here as a word.
class EventWords {
 public:
  // A string of the event was joined to `value`.
  void joined(std::string_view raw, GrowingValue& value);
  // A string or number that differs from event to event replaced `value`.
  void replaced(std::string_view raw, GrowingValue& value);
  // A number that differs from event to event and goes nowhere.
  void ignored(std::string_view raw);
  // Something was done that must not be done again.
  void once() { repeatable_ = false; }

 private:
  friend class RepeatedEvent;
  enum class Effect { join, replace, ignore };
  struct Word {
    std::string_view raw;
    GrowingValue* value = nullptr;
    Effect effect = Effect::ignore;
  };

  std::vector<Word> words_;
  bool repeatable_ = true;
};

// Grows `value` by one member of a delta and notes it.
void grow_text(GrowingValue& value, std::string_view raw, EventWords& words);

class RepeatedEvent {
 public:
  // True when the event was a known sentence; its words are in the object then.
  bool feed(const SseEvent& event);
  // Remembers an event that has just been taken apart, or forgets all when it was one of a kind.
  // The values that its words went to must stay where they are until then.
  void learn(const SseEvent& event, EventWords&& words);

 private:
  struct Gap {
    std::size_t before = 0;  // length of the text between the last word and this one
    GrowingValue* value = nullptr;
    EventWords::Effect effect = EventWords::Effect::ignore;
  };
  struct Sentence {
    std::string name;
    std::string text;  // without its words
    std::vector<Gap> gaps;
  };
  bool matches(const Sentence& sentence, const SseEvent& event);

  std::array<Sentence, 4> sentences_;  // several choices or calls take turns
  std::size_t oldest_ = 0;
  std::vector<std::string_view> words_;  // of the event that is being compared
};

}  // namespace albicilla
