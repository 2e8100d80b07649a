#include "common/dialect/anthropic_messages.h"

#include "common/dialect/growing_value.h"
#include "common/dialect/indexed_list.h"
#include "common/dialect/leftovers.h"
#include "common/dialect/repeated_event.h"
#include "common/json/scan.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

class ContentBlock {
 public:
  explicit ContentBlock(std::uint64_t index) : index_(index) {}
  std::uint64_t index() const { return index_; }

  void start(std::string_view block) { value_.set(block); }

  // A delta's members are pieces of the block's members of the same name, with two exceptions.
  void feed(std::string_view delta, EventWords& words) {
    JsonMember one;
    for (JsonMembers members(delta); members.next(one);) {
      if (one.key == "type") continue;
      if (one.key == "partial_json" && json_kind(one.value) == JsonKind::string) {
        grow_text(partial_json_, one.value, words);
      } else if (one.key == "citation") {
        words.once();
        value_.member("citations").push(one.value);
      } else {
        grow_text(value_.member(one.key), one.value, words);
      }
    }
  }

  void write(std::string& out) {
    if (!partial_json_.inside().empty()) take_input();
    value_.write(out);
  }

 private:
  // The pieces make the JSON text of `input`. Cut short they stay what they are, a text.
  void take_input() {
    std::string raw;
    partial_json_.write(raw);
    const auto input = json_exact_text(raw);
    if (input && check_json(*input)) {
      std::string minified;
      append_minified(minified, *input);
      value_.member("input").set(minified);
    } else {
      value_.member("partial_json").set(raw);
    }
  }

  std::uint64_t index_;
  GrowingValue value_;
  GrowingValue partial_json_;
};

class AnthropicMessagesAssembler final : public StreamAssembler {
 public:
  void feed(const SseEvent& event) override {
    if (repeated_.feed(event)) return;
    EventWords words;
    take_apart(event, words);
    repeated_.learn(event, std::move(words));
  }

  std::optional<std::string> finish() override {
    if (message_.kind() != JsonKind::object) {
      const bool only_an_error = leftovers_.errors().size() == 1 && blocks_.empty();
      return only_an_error ? std::optional(error_event_) : std::nullopt;
    }
    message_.member("content").set(blocks_.array());
    leftovers_.add_to(message_);
    std::string out;
    message_.write(out);
    return out;
  }

 private:
  void take_apart(const SseEvent& event, EventWords& words) {
    const std::string_view data = event_object(event);
    if (data.empty()) return words.once(), leftovers_.add_event(event);
    const std::string_view type = json_inside(json_first_member(data, "type"));
    if (type == "content_block_delta") {
      return block_of(data).feed(json_first_member(data, "delta"), words);
    }
    words.once();
    if (type == "content_block_start") {
      block_of(data).start(json_first_member(data, "content_block"));
    } else if (type == "message_start" && message_.absent()) {
      message_.set(json_first_member(data, "message"));
    } else if (type == "message_delta") {
      feed_message_delta(data);
    } else if (type == "error") {
      error_event_ = data;
      leftovers_.add_error(json_first_member(data, "error"));
    } else if (type != "ping" && type != "message_stop" && type != "content_block_stop") {
      leftovers_.add_event(event);
    }
  }

  ContentBlock& block_of(std::string_view data) {
    return blocks_.at(json_count(json_first_member(data, "index")).value_or(0));
  }

  // `delta` has members of the message; usage and whatever else stands beside it has, too.
  void feed_message_delta(std::string_view data) {
    JsonMember one;
    for (JsonMembers members(data); members.next(one);) {
      if (one.key == "type") continue;
      if (one.key != "delta") {
        message_.member(one.key).update(one.value);
        continue;
      }
      JsonMember inner;
      for (JsonMembers deltas(one.value); deltas.next(inner);) {
        message_.member(inner.key).update(inner.value);
      }
    }
  }

  GrowingValue message_;
  RepeatedEvent repeated_;
  IndexedList<ContentBlock> blocks_;
  std::string error_event_;
  Leftovers leftovers_;
};

}  // namespace

std::unique_ptr<StreamAssembler> make_anthropic_messages_assembler() {
  return std::make_unique<AnthropicMessagesAssembler>();
}

}  // namespace albicilla
