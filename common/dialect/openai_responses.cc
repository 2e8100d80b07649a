#include "common/dialect/openai_responses.h"

#include <array>

#include "common/dialect/growing_value.h"
#include "common/dialect/indexed_list.h"
#include "common/dialect/leftovers.h"
#include "common/dialect/repeated_event.h"
#include "common/json/scan.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

// Where an event's text belongs: `field` of the item itself, or of the part of its `list` that the
// event's `index` names. "<type>.delta" has a piece in `delta`, "<type>.done" the whole in `field`.
struct TextPlace {
  std::string_view type;
  std::string_view list;
  std::string_view index;
  std::string_view field;
};
constexpr std::array<TextPlace, 8> kTexts = {{
    {"output_text", "content", "content_index", "text"},
    {"refusal", "content", "content_index", "refusal"},
    {"reasoning_text", "content", "content_index", "text"},
    {"reasoning_summary_text", "summary", "summary_index", "text"},
    {"function_call_arguments", "", "", "arguments"},
    {"mcp_call_arguments", "", "", "arguments"},
    {"custom_tool_call_input", "", "", "input"},
    {"code_interpreter_call_code", "", "", "code"},
}};

std::uint64_t count_of(std::string_view data, std::string_view name) {
  return json_count(json_first_member(data, name)).value_or(0);
}

// Members that differ in every delta and say nothing about the response.
void note_noise(std::string_view data, EventWords& words) {
  for (const std::string_view name : {"sequence_number", "obfuscation"}) {
    const std::string_view raw = json_first_member(data, name);
    if (!raw.empty()) words.ignored(raw);
  }
}

class OutputItem {
 public:
  explicit OutputItem(std::uint64_t index) : index_(index) {}
  std::uint64_t index() const { return index_; }

  void set(std::string_view item) { value_.set(item); }
  void set_status(std::string_view word) { value_.member("status").set(word); }
  void set_part(std::string_view list, std::uint64_t index, std::string_view part) {
    value_.member(list).element(index).set(part);
  }
  void add_annotation(std::string_view data) {
    GrowingValue& part = value_.member("content").element(count_of(data, "content_index"));
    part.member("annotations")
        .element(count_of(data, "annotation_index"))
        .set(json_first_member(data, "annotation"));
  }

  void feed_text(const TextPlace& place, std::string_view data, bool done, EventWords& words) {
    GrowingValue& owner = place.list.empty()
                              ? value_
                              : value_.member(place.list).element(count_of(data, place.index));
    const std::string_view logprobs = json_first_member(data, "logprobs");
    if (done) {
      words.once();
      owner.member(place.field).update(json_first_member(data, place.field));
      if (!logprobs.empty()) owner.member("logprobs").update(logprobs);
    } else {
      grow_text(owner.member(place.field), json_first_member(data, "delta"), words);
      note_noise(data, words);
      if (logprobs.empty() || logprobs == "[]") return;
      words.once();
      owner.member("logprobs").grow(logprobs);
    }
  }

  void write(std::string& out) const { value_.write(out); }

 private:
  std::uint64_t index_;
  GrowingValue value_;
};

class OpenaiResponsesAssembler final : public StreamAssembler {
 public:
  void feed(const SseEvent& event) override {
    if (repeated_.feed(event)) return;
    EventWords words;
    take_apart(event, words);
    repeated_.learn(event, std::move(words));
  }

  std::optional<std::string> finish() override {
    if (response_.empty()) {
      if (leftovers_.errors().size() != 1 || !items_.empty()) return std::nullopt;
      return "{\"error\":" + leftovers_.errors().front() + "}";
    }
    GrowingValue object;
    object.set(response_);
    // The last state holds the whole output when the stream ended well; some servers leave it out.
    if (said_items() < items_.size()) object.member("output").set(items_.array());
    if (!audio_.absent()) object.member("audio") = std::move(audio_);
    if (!partial_images_.absent()) object.member("partial_images") = std::move(partial_images_);
    leftovers_.add_to(object);
    std::string out;
    object.write(out);
    return out;
  }

 private:
  void take_apart(const SseEvent& event, EventWords& words) {
    if (event.data == "[DONE]") return;
    const std::string_view data = event_object(event);
    if (data.empty()) return words.once(), leftovers_.add_event(event);
    std::string_view type = json_inside(json_first_member(data, "type"));
    if (type.empty()) type = event.name;
    const std::string_view response = json_first_member(data, "response");
    if (json_kind(response) == JsonKind::object) {
      words.once();
      response_ = response;  // created, in_progress ... completed: each a whole newer state
    } else if (type == "error" || !json_first_member(data, "error").empty()) {
      words.once();
      const std::string_view error = json_first_member(data, "error");
      leftovers_.add_error(json_kind(error) == JsonKind::object ? error : data);
    } else if (type != "keepalive" && type != "ping" && !feed_item_event(type, data, words)) {
      words.once();
      leftovers_.add_event(event);
    }
  }

  std::size_t said_items() const {
    std::size_t count = 0;
    const bool ended = json_inside(json_first_member(response_, "status")) != "in_progress";
    std::string_view item;
    for (JsonElements all(json_member(response_, "output")); ended && all.next(item);) ++count;
    return count;
  }

  // False when the type is none that says something about an item.
  bool feed_item_event(std::string_view type, std::string_view data, EventWords& words) {
    constexpr std::string_view kPrefix = "response.";
    if (!type.starts_with(kPrefix)) return false;
    type.remove_prefix(kPrefix.size());
    const std::size_t dot = type.rfind('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view what = type.substr(0, dot);
    const std::string_view step = type.substr(dot + 1);
    const auto item = [&]() -> OutputItem& { return items_.at(count_of(data, "output_index")); };
    if (step == "delta" || step == "done") {
      for (const TextPlace& place : kTexts) {
        if (place.type == what) return item().feed_text(place, data, step == "done", words), true;
      }
    }
    words.once();
    if (what.starts_with("audio")) return feed_audio(what, step, data);
    if (step == "partial_image") return partial_images_.push(data), true;
    const bool whole = step == "added" || step == "done";
    if (whole && what == "output_item") {
      item().set(json_first_member(data, "item"));
    } else if (whole && what == "content_part") {
      item().set_part("content", count_of(data, "content_index"), json_first_member(data, "part"));
    } else if (whole && what == "reasoning_summary_part") {
      item().set_part("summary", count_of(data, "summary_index"), json_first_member(data, "part"));
    } else if (step == "added" && what == "output_text.annotation") {
      item().add_annotation(data);
    } else if (what.ends_with("_call")) {
      std::string status;
      append_json_string(status, step);
      item().set_status(status);
    } else {
      return what == "mcp_list_tools";  // its steps change nothing that the item shows
    }
    return true;
  }

  bool feed_audio(std::string_view what, std::string_view step, std::string_view data) {
    if (step != "delta") return true;  // "done" says nothing new
    audio_.member(what == "audio" ? "data" : "transcript").grow(json_first_member(data, "delta"));
    return true;
  }

  std::string response_;  // the latest whole state
  RepeatedEvent repeated_;
  IndexedList<OutputItem> items_;
  GrowingValue audio_;
  GrowingValue partial_images_;
  Leftovers leftovers_;
};

}  // namespace

std::unique_ptr<StreamAssembler> make_openai_responses_assembler() {
  return std::make_unique<OpenaiResponsesAssembler>();
}

}  // namespace albicilla
