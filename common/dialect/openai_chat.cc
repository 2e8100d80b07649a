#include "common/dialect/openai_chat.h"

#include "common/dialect/chunk_assembler.h"
#include "common/dialect/tool_calls.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

// Content is a string; some vendors also send arrays of typed parts. Once both came, the string is
// a part of its own.
void grow_content(GrowingValue& content, std::string_view raw, EventWords& words) {
  const auto as_part = [](std::string_view inside) {
    return R"({"type":"text","text":")" + std::string(inside) + "\"}";
  };
  const JsonKind kind = json_kind(raw);
  if (kind == JsonKind::array && content.kind() == JsonKind::string) {
    const std::string before(content.inside());
    content.set("[]");
    if (!before.empty()) content.push(as_part(before));
  }
  if (kind == JsonKind::string && content.kind() == JsonKind::array) {
    content.push(as_part(json_inside(raw)));
    words.once();
  } else {
    grow_text(content, raw, words);
  }
}

class Choice {
 public:
  static constexpr std::string_view kObject = "\"chat.completion\"";

  explicit Choice(std::uint64_t index) : index_(index) {}
  std::uint64_t index() const { return index_; }

  void feed(std::string_view choice, EventWords& words) {
    JsonMember one;
    for (JsonMembers members(choice); members.next(one);) {
      if (one.key == "index") continue;
      if (one.key == "delta") {
        feed_delta(one.value, words);
      } else if (one.key == "message") {
        whole_message_.set(one.value);
      } else if (one.key == "finish_reason") {
        finish_reason_.update(one.value);
      } else if (one.key == "logprobs") {
        if (one.value != "null") words.once();
        logprobs_.grow(one.value);
      } else if (json_kind(one.value) == JsonKind::array) {
        words.once();
        rest_.member(one.key).grow(one.value);
      } else {
        rest_.member(one.key).update(one.value);
      }
    }
  }

  void write(std::string& out) {
    out.append("{\"index\":").append(std::to_string(index_)).append(",\"message\":");
    write_message(out);
    out.append(",\"logprobs\":");
    logprobs_.write(out);
    out.append(",\"finish_reason\":");
    finish_reason_.write(out);
    append_more_members(out, rest_);
    out.push_back('}');
  }

 private:
  void feed_delta(std::string_view delta, EventWords& words) {
    JsonMember one;
    for (JsonMembers members(delta); members.next(one);) {
      if (one.key == "tool_calls" && json_kind(one.value) == JsonKind::array) {
        calls_.grow(one.value, words);
        continue;
      }
      GrowingValue& value = message_.member(one.key);
      if (one.key == "content") {
        grow_content(value, one.value, words);
      } else if (GrowingValue::names_something(one.key)) {
        value.update(one.value);
      } else {
        grow_text(value, one.value, words);
      }
    }
  }

  void write_message(std::string& out) {
    if (message_.absent() && calls_.empty() && !whole_message_.absent()) {
      return whole_message_.write(out);  // a vendor that sends no deltas
    }
    if (message_.member("role").absent_or_null()) message_.member("role").set("\"assistant\"");
    // Streams of calls and refusals begin with an empty text; plain answers, and what SDKs
    // accumulate, say null there.
    GrowingValue& content = message_.member("content");
    const bool no_text = content.kind() == JsonKind::string && content.inside().empty();
    if (content.absent() || no_text) content.set("null");
    if (message_.member("refusal").absent()) message_.member("refusal").set("null");
    if (!calls_.empty()) {
      std::string calls;
      calls_.write(calls);
      message_.member("tool_calls").set(calls);
    }
    message_.write(out);
  }

  std::uint64_t index_;
  GrowingValue message_;
  ToolCalls calls_;
  GrowingValue whole_message_;
  GrowingValue logprobs_;
  GrowingValue finish_reason_;
  GrowingValue rest_;
};

}  // namespace

std::unique_ptr<StreamAssembler> make_openai_chat_assembler() {
  return std::make_unique<ChunkAssembler<Choice>>();
}

}  // namespace albicilla
