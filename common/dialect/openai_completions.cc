#include "common/dialect/openai_completions.h"

#include "common/dialect/chunk_assembler.h"

namespace albicilla {

namespace {

class TextChoice {
 public:
  static constexpr std::string_view kObject = "\"text_completion\"";

  explicit TextChoice(std::uint64_t index) : index_(index) {}
  std::uint64_t index() const { return index_; }

  void feed(std::string_view choice, EventWords& words) {
    JsonMember one;
    for (JsonMembers members(choice); members.next(one);) {
      if (one.key == "index") continue;
      if (one.key == "text") {
        grow_text(text_, one.value, words);
      } else if (one.key == "finish_reason") {
        finish_reason_.update(one.value);
      } else if (one.key == "logprobs" || json_kind(one.value) == JsonKind::array) {
        if (one.value != "null") words.once();
        rest_.member(one.key).grow(one.value);
      } else {
        rest_.member(one.key).update(one.value);
      }
    }
  }

  void write(std::string& out) const {
    out.append("{\"text\":");
    text_.absent() ? void(out.append("\"\"")) : text_.write(out);
    out.append(",\"index\":").append(std::to_string(index_)).append(",\"finish_reason\":");
    finish_reason_.write(out);
    append_more_members(out, rest_);
    out.push_back('}');
  }

 private:
  std::uint64_t index_;
  GrowingValue text_;
  GrowingValue finish_reason_;
  GrowingValue rest_;
};

}  // namespace

std::unique_ptr<StreamAssembler> make_openai_completions_assembler() {
  return std::make_unique<ChunkAssembler<TextChoice>>();
}

}  // namespace albicilla
