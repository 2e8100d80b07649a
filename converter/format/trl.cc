// TRL's conversational data: arguments are objects, reasoning stands in reasoning_content, content
// is always a string. As whole conversations, as prompt and completion, as preferences.
#include <algorithm>

#include "converter/format/message_rules.h"
#include "converter/format/registry.h"

namespace albicilla {

namespace {

const ChatStyle kStyle = {.arguments_are_objects = true,
                          .reasoning = true,
                          .tool_names = true,
                          .one_string = true,
                          .empty_content = true};
const ChatRules kWhole = {.style = kStyle};
const ChatRules kPrompt = {.style = kStyle, .ends_with_assistant = false, .learns = false};

void append_tools(RowWriter& row, const Conversation& conversation) {
  if (conversation.tools.empty()) return;
  row.key("tools");
  append_chat_tools(row, conversation);
}

// A row whose members are lists of messages: all of the first, one answer in each other.
Status check_lists(const RowInput& text, const ChatRules& chat_rules,
                   std::initializer_list<std::string_view> names) {
  RowCheck check(text);
  MessageRules rules(check, chat_rules);
  Required required(names);
  check.object([&](std::string_view key) {
    required.see(key);
    if (key == *names.begin()) {
      rules.messages();
    } else if (key == "tools") {
      rules.tools();
    } else if (std::find(names.begin(), names.end(), key) != names.end()) {
      rules.answer();
    } else {
      check.unknown(key);
    }
  });
  required.check(check);
  rules.finish();
  return check.finish();
}

class Trl final : public DatasetFormat {
 public:
  std::string_view name() const override { return "trl"; }
  std::string_view summary() const override { return "TRL supervised, whole conversations"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    RowWriter row(out);
    row.begin_object().key("messages");
    auto status = append_messages(row, conversation, kStyle, conversation.turns.size());
    if (!status) return status;
    append_tools(row, conversation);
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override { return check_lists(row, kWhole, {"messages"}); }
};

class TrlPromptCompletion final : public DatasetFormat {
 public:
  std::string_view name() const override { return "trl-prompt-completion"; }
  std::string_view summary() const override {
    return "TRL supervised, the last answer apart (goes well with --view turn)";
  }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    RowWriter row(out);
    const std::size_t last = conversation.turns.size() - 1;
    row.begin_object().key("prompt");
    auto status = append_messages(row, conversation, kStyle, last);
    if (!status) return status;
    row.key("completion");
    status = append_answer(row, conversation, kStyle, last);
    if (!status) return status;
    append_tools(row, conversation);
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    return check_lists(row, kPrompt, {"prompt", "completion"});
  }
};

class TrlPreference final : public DatasetFormat {
 public:
  std::string_view name() const override { return "trl-preference"; }
  std::string_view summary() const override {
    return "TRL preferences: chosen and rejected answers";
  }
  RowKind kind() const override { return RowKind::preference; }

  Status append_pair(const ConversationPair& pair, RowOutput out) const override {
    RowWriter row(out);
    const std::size_t last = pair.chosen->turns.size() - 1;
    row.begin_object().key("prompt");
    auto status = append_messages(row, *pair.chosen, kStyle, last);
    if (!status) return status;
    row.key("chosen");
    status = append_answer(row, *pair.chosen, kStyle, last);
    if (!status) return status;
    row.key("rejected");
    status = append_answer(row, *pair.rejected, kStyle, pair.rejected->turns.size() - 1);
    if (!status) return status;
    append_tools(row, *pair.chosen);
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    return check_lists(row, kPrompt, {"prompt", "chosen", "rejected"});
  }
};

}  // namespace

const DatasetFormat& trl_format() {
  static const Trl format;
  return format;
}

const DatasetFormat& trl_prompt_completion_format() {
  static const TrlPromptCompletion format;
  return format;
}

const DatasetFormat& trl_preference_format() {
  static const TrlPreference format;
  return format;
}

}  // namespace albicilla
