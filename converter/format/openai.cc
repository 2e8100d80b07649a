// Fine-tuning with OpenAI. Supervised: {"messages","tools","parallel_tool_calls"}, arguments as a
// string, a weight on each answer, no other members. By preference (DPO): {"input",
// "preferred_output","non_preferred_output"}.
#include "converter/format/message_rules.h"
#include "converter/format/parameters.h"
#include "converter/format/registry.h"

namespace albicilla {

namespace {

const ChatRules kSupervised = {.style = {.weights = true}};
const ChatRules kPreference = {.style = {}, .ends_with_assistant = false, .learns = false};

void append_tools(RowWriter& row, const Conversation& conversation) {
  if (conversation.tools.empty()) return;
  row.key("tools");
  append_chat_tools(row, conversation);
  const std::string_view parallel = parameter(conversation, "parallel_tool_calls");
  if (parallel == "true" || parallel == "false") row.key("parallel_tool_calls").raw(parallel);
}

// Members of a supervised row and of a preference row's input.
void check_members(RowCheck& check, MessageRules& rules) {
  Required required{"messages"};
  check.object([&](std::string_view key) {
    required.see(key);
    if (key == "messages") {
      rules.messages();
    } else if (key == "tools") {
      rules.tools();
    } else if (key == "parallel_tool_calls") {
      check.boolean();
    } else {
      check.unknown(key);
    }
  });
  required.check(check);
}

class OpenAi final : public DatasetFormat {
 public:
  std::string_view name() const override { return "openai"; }
  std::string_view summary() const override { return "OpenAI supervised fine-tuning"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    RowWriter row(out);
    row.begin_object().key("messages");
    auto status = append_messages(row, conversation, kSupervised.style, conversation.turns.size());
    if (!status) return status;
    append_tools(row, conversation);
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    MessageRules rules(check, kSupervised);
    check_members(check, rules);
    rules.finish();
    return check.finish();
  }
};

class OpenAiDpo final : public DatasetFormat {
 public:
  std::string_view name() const override { return "openai-dpo"; }
  std::string_view summary() const override { return "OpenAI preference fine-tuning"; }
  RowKind kind() const override { return RowKind::preference; }

  Status append_pair(const ConversationPair& pair, RowOutput out) const override {
    RowWriter row(out);
    const std::size_t last = pair.chosen->turns.size() - 1;
    row.begin_object().key("input").begin_object().key("messages");
    auto status = append_messages(row, *pair.chosen, kPreference.style, last);
    if (!status) return status;
    append_tools(row, *pair.chosen);
    row.end_object().key("preferred_output");
    status = append_answer(row, *pair.chosen, kPreference.style, last);
    if (!status) return status;
    row.key("non_preferred_output");
    status = append_answer(row, *pair.rejected, kPreference.style, pair.rejected->turns.size() - 1);
    row.end_object();
    return status;
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    MessageRules rules(check, kPreference);
    Required required{"input", "preferred_output", "non_preferred_output"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "input") {
        check_members(check, rules);
      } else if (key == "preferred_output" || key == "non_preferred_output") {
        rules.answer();
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

const DatasetFormat& openai_format() {
  static const OpenAi format;
  return format;
}

const DatasetFormat& openai_dpo_format() {
  static const OpenAiDpo format;
  return format;
}

}  // namespace albicilla
