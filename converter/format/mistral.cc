// Fine-tuning with Mistral: chat messages whose call ids are exactly nine letters and digits, made
// from each call's place so that they are the same in every run.
#include "converter/format/message_rules.h"
#include "converter/format/registry.h"

namespace albicilla {

namespace {

const ChatRules kRules = {.style = {.weights = true,
                                    .tool_names = true,
                                    .nine_letter_ids = true,
                                    .one_string = true,
                                    .empty_content = true}};

class Mistral final : public DatasetFormat {
 public:
  std::string_view name() const override { return "mistral"; }
  std::string_view summary() const override { return "Mistral fine-tuning"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    RowWriter row(out);
    row.begin_object().key("messages");
    auto status = append_messages(row, conversation, kRules.style, conversation.turns.size());
    if (!status) return status;
    if (!conversation.tools.empty()) {
      row.key("tools");
      append_chat_tools(row, conversation);
    }
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    MessageRules rules(check, kRules);
    Required required{"messages"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "messages") {
        rules.messages();
      } else if (key == "tools") {
        rules.tools();
      } else {
        check.unknown(key);
      }
    });
    required.check(check);
    rules.finish();
    return check.finish();
  }
};

}  // namespace

const DatasetFormat& mistral_format() {
  static const Mistral format;
  return format;
}

}  // namespace albicilla
