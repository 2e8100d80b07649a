#include "common/dialect/openai_chat.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "common/dialect/event_object.h"
#include "common/dialect/growing_value.h"
#include "common/dialect/tool_calls.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostLookups = 512;

// Content is a string; some vendors also send arrays of typed parts. Once both came, the string is
// a part of its own.
void grow_content(GrowingValue& content, std::string_view raw) {
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
  } else {
    content.grow(raw);
  }
}

class Choice {
 public:
  explicit Choice(std::uint64_t index) : index_(index) {}
  std::uint64_t index() const { return index_; }

  void feed(std::string_view choice) {
    JsonMember one;
    for (JsonMembers members(choice); members.next(one);) {
      if (one.key == "index") continue;
      if (one.key == "delta") {
        feed_delta(one.value);
      } else if (one.key == "message") {
        whole_message_.set(one.value);
      } else if (one.key == "finish_reason") {
        finish_reason_.update(one.value);
      } else if (one.key == "logprobs") {
        logprobs_.grow(one.value);
      } else if (json_kind(one.value) == JsonKind::array) {
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
    if (rest_.absent()) return void(out.push_back('}'));
    std::string rest;
    rest_.write(rest);
    out.append(",").append(rest, 1);  // the brace that opens it is ours
  }

 private:
  void feed_delta(std::string_view delta) {
    JsonMember one;
    for (JsonMembers members(delta); members.next(one);) {
      if (one.key == "tool_calls" && json_kind(one.value) == JsonKind::array) {
        calls_.grow(one.value);
      } else if (one.key == "content") {
        grow_content(message_.member(one.key), one.value);
      } else if (one.key == "role") {
        message_.member(one.key).update(one.value);
      } else {
        message_.member(one.key).grow(one.value);
      }
    }
  }

  void write_message(std::string& out) {
    if (message_.absent() && calls_.empty() && !whole_message_.absent()) {
      return whole_message_.write(out);  // a vendor that sends no deltas
    }
    if (message_.member("role").absent_or_null()) message_.member("role").set("\"assistant\"");
    if (message_.member("content").absent()) message_.member("content").set("null");
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

class OpenaiChatAssembler final : public StreamAssembler {
 public:
  void feed(const SseEvent& event) override {
    if (event.data == "[DONE]") return;
    const std::string_view chunk = event_object(event);
    if (chunk.empty()) return unassembled_.add(event);
    if (event.name == "error" && json_member(chunk, "error").empty()) {
      errors_.emplace_back(chunk);
      return;
    }
    const bool has_id = !json_inside(json_member(chunk, "id")).empty();
    JsonMember one;
    for (JsonMembers members(chunk); members.next(one);) {
      if (one.key == "choices" && json_kind(one.value) == JsonKind::array) {
        has_choices_ = true;
        top_.member(one.key);
        feed_choices(one.value);
      } else if (one.key == "error" && one.value != "null") {
        errors_.emplace_back(one.value);
      } else {
        feed_top(one, has_id);
      }
    }
  }

  std::optional<std::string> finish() override {
    if (!has_choices_ && (errors_.size() != 1 || !top_.absent())) return std::nullopt;
    if (has_choices_) {
      top_.member("object").set("\"chat.completion\"");
      top_.member("choices").set(choices());
    }
    if (!errors_.empty()) top_.member("error").set(errors_.front());
    std::string out;
    top_.write(out);
    out.pop_back();
    write_more_errors(out);
    unassembled_.write_member(out);
    out.push_back('}');
    return out;
  }

 private:
  // The latest chunk is right, but chunks without an id (Azure's filter results) have zeros and
  // empty strings where the others have values.
  void feed_top(const JsonMember& member, bool has_id) {
    GrowingValue& value = top_.member(member.key);
    const JsonKind kind = json_kind(member.value);
    if (kind == JsonKind::object || kind == JsonKind::array || kind == JsonKind::null) {
      value.update(member.value);
    } else if (has_id || value.absent_or_null()) {
      value.set(member.value);
    }
  }

  void feed_choices(std::string_view array) {
    std::string_view choice;
    for (JsonElements elements(array); elements.next(choice);) {
      choice_of(json_count(json_member(choice, "index")).value_or(0)).feed(choice);
    }
  }

  Choice& choice_of(std::uint64_t index) {
    const std::size_t most = std::min(choices_.size(), kMostLookups);
    for (std::size_t back = 1; back <= most; ++back) {
      Choice& choice = choices_[choices_.size() - back];
      if (choice.index() == index) return choice;
    }
    return choices_.emplace_back(index);
  }

  std::string choices() {
    std::vector<Choice*> sorted;
    for (Choice& choice : choices_) sorted.push_back(&choice);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Choice* a, const Choice* b) { return a->index() < b->index(); });
    std::string out;
    char before = '[';
    for (Choice* choice : sorted) {
      out.push_back(before);
      choice->write(out);
      before = ',';
    }
    return out.append(choices_.empty() ? "[]" : "]");
  }

  // A stream has one error as a rule; more than that are listed beside the first.
  void write_more_errors(std::string& out) const {
    if (errors_.size() < 2) return;
    std::string_view before = ",\"errors\":[";
    for (const std::string& error : errors_) {
      out.append(before).append(error);
      before = ",";
    }
    out.push_back(']');
  }

  GrowingValue top_;
  std::deque<Choice> choices_;
  bool has_choices_ = false;
  std::vector<std::string> errors_;
  UnassembledEvents unassembled_;
};

}  // namespace

std::unique_ptr<StreamAssembler> make_openai_chat_assembler() {
  return std::make_unique<OpenaiChatAssembler>();
}

}  // namespace albicilla
