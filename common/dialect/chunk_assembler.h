// The frame that OpenAI's streams of chunks share: top-level members of which the latest counts,
// and `choices` that grow by index. What a choice is, is up to the dialect. Private to this room.
#pragma once

#include <optional>
#include <string>

#include "common/dialect/dialect.h"
#include "common/dialect/growing_value.h"
#include "common/dialect/indexed_list.h"
#include "common/dialect/leftovers.h"
#include "common/dialect/repeated_event.h"
#include "common/json/walk.h"

namespace albicilla {

// Choice: a type with Choice(index), index(), feed(raw choice, words), write(out) and kObject, the
// name of the object that the stream makes.
template <class Choice>
class ChunkAssembler final : public StreamAssembler {
 public:
  void feed(const SseEvent& event) override {
    if (repeated_.feed(event)) return;
    EventWords words;
    take_apart(event, words);
    repeated_.learn(event, std::move(words));
  }

  std::optional<std::string> finish() override {
    const bool only_an_error = leftovers_.errors().size() == 1 && top_.absent();
    if (!has_choices_ && !only_an_error) return std::nullopt;
    if (has_choices_) {
      top_.member("object").set(Choice::kObject);
      top_.member("choices").set(choices_.array());
    }
    leftovers_.add_to(top_);
    std::string out;
    top_.write(out);
    return out;
  }

 private:
  void take_apart(const SseEvent& event, EventWords& words) {
    if (event.data == "[DONE]") return;
    const std::string_view chunk = event_object(event);
    if (chunk.empty()) return words.once(), leftovers_.add_event(event);
    if (event.name == "error" && json_member(chunk, "error").empty()) {
      return words.once(), leftovers_.add_error(chunk);
    }
    const bool has_id = !json_inside(json_first_member(chunk, "id")).empty();
    JsonMember one;
    for (JsonMembers members(chunk); members.next(one);) {
      if (one.key == "choices" && json_kind(one.value) == JsonKind::array) {
        has_choices_ = true;
        top_.member(one.key);
        feed_choices(one.value, words);
      } else if (one.key == "error" && one.value != "null") {
        words.once();
        leftovers_.add_error(one.value);
      } else {
        feed_top(one, has_id, words);
      }
    }
  }

  // The latest chunk is right, but chunks without an id (Azure's filter results) have zeros and
  // empty strings where the others have values.
  void feed_top(const JsonMember& member, bool has_id, EventWords& words) {
    GrowingValue& value = top_.member(member.key);
    const JsonKind kind = json_kind(member.value);
    if (kind == JsonKind::object || kind == JsonKind::array || kind == JsonKind::null) {
      value.update(member.value);
    } else if (has_id || value.absent_or_null()) {
      value.set(member.value);
      if (member.key == "obfuscation") words.replaced(member.value, value);
    }
  }

  void feed_choices(std::string_view array, EventWords& words) {
    std::string_view choice;
    for (JsonElements elements(array); elements.next(choice);) {
      choices_.at(json_count(json_first_member(choice, "index")).value_or(0)).feed(choice, words);
    }
  }

  GrowingValue top_;
  RepeatedEvent repeated_;
  IndexedList<Choice> choices_;
  bool has_choices_ = false;
  Leftovers leftovers_;
};

// Appends the members of an object that has been grown behind others: `,"a":1,"b":2`.
inline void append_more_members(std::string& out, const GrowingValue& object) {
  std::string text;
  object.write(text);
  if (text.size() <= 2 || !text.starts_with('{')) return;
  out.append(",").append(text, 1, text.size() - 2);
}

}  // namespace albicilla
