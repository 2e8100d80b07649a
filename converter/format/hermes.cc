// ChatML as one text, with tools, calls and results in Hermes' tags. What a conversation says must
// not hold ChatML's own marks: it would speak for another role.
#include <array>

#include "converter/format/registry.h"
#include "converter/format/row_check.h"
#include "converter/format/sides.h"
#include "converter/format/tagged_calls.h"

namespace albicilla {

namespace {

constexpr std::string_view kStart = "<|im_start|>";
constexpr std::string_view kEnd = "<|im_end|>";

class ChatMl {
 public:
  Status add(std::string_view role, std::string_view text) {
    if (text.find(kStart) != std::string_view::npos || text.find(kEnd) != std::string_view::npos) {
      return client_error("the conversation holds ChatML's own marks");
    }
    text_ += kStart;
    text_ += role;
    text_ += '\n';
    text_ += text;
    text_ += kEnd;
    text_ += '\n';
    return {};
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Status add_system(ChatMl& text, const Conversation& conversation) {
  auto system = system_text(conversation);
  if (!system) return system.error();
  const std::string tools = tagged_tools(conversation);
  if (!tools.empty()) *system += (system->empty() ? "" : "\n\n") + tools;
  return system->empty() ? Status{} : text.add("system", *system);
}

Status add_side(ChatMl& text, const Conversation& conversation, const Side& side) {
  std::string results;
  std::string words;
  for (const std::size_t i : side.turns) {
    const Turn& turn = conversation.turns[i];
    if (turn.role == Role::tool) {
      auto result = tagged_result(conversation, turn);
      if (!result) return result.error();
      results += (results.empty() ? "" : "\n") + *result;
    } else {
      if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
      words += (words.empty() ? "" : "\n\n") + turn_text(turn);
    }
  }
  if (!results.empty()) {
    if (auto status = text.add("tool", results); !status) return status;
  }
  return words.empty() && !results.empty() ? Status{} : text.add("user", words);
}

// The roles in their order, or what is wrong with the text.
Status check_text(std::string_view text) {
  std::string_view before;
  bool first = true;
  while (!text.empty()) {
    if (!text.starts_with(kStart))
      return client_error("text: a message must start with " + std::string(kStart));
    text.remove_prefix(kStart.size());
    const std::size_t line = text.find('\n');
    const std::size_t end = text.find(kEnd);
    if (line == std::string_view::npos || end == std::string_view::npos || end < line) {
      return client_error("text: a message is not closed");
    }
    const std::string_view role = text.substr(0, line);
    const bool known =
        role == "user" || role == "assistant" || role == "tool" || (role == "system" && first);
    if (!known) return client_error("text: no place for the role '" + std::string(role) + "'");
    const bool answers = role == "user" || role == "tool";
    if (role == "assistant" ? before != "user" && before != "tool" : answers && before == "user") {
      return client_error("text: " + std::string(role) + " behind " + std::string(before));
    }
    if (role == "tool" && before != "assistant")
      return client_error("text: a result without a call");
    before = role;
    first = false;
    text.remove_prefix(end + kEnd.size());
    if (!text.starts_with('\n')) return client_error("text: a newline must follow each message");
    text.remove_prefix(1);
  }
  return before == "assistant" ? Status{}
                               : client_error("text: the last message must be the assistant's");
}

class Hermes final : public DatasetFormat {
 public:
  std::string_view name() const override { return "hermes"; }
  std::string_view summary() const override { return "ChatML text with Hermes' tool tags"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    const auto sides = sides_of(conversation);
    if (!sides) return sides.error();
    ChatMl text;
    if (auto status = add_system(text, conversation); !status) return status;
    for (const Side& side : *sides) {
      Status status;
      if (side.assistant) {
        auto answer = tagged_answer(conversation.turns[side.turns.front()]);
        status = answer ? text.add("assistant", *answer) : Status(answer.error());
      } else {
        status = add_side(text, conversation, side);
      }
      if (!status) return status;
    }
    RowWriter row(out);
    row.begin_object().key("text").plain(text.text()).end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    Status inner = client_error("'text' is missing");
    check.object([&](std::string_view key) {
      if (key != "text") return check.unknown(key);
      RawString raw;
      raw.body = check.text();
      raw.escaped = true;
      raw.canonical = false;
      std::string plain;
      TextRepairs repairs;
      append_text(plain, raw, repairs);
      inner = check_text(plain);
    });
    auto status = check.finish();
    return status ? inner : status;
  }
};

}  // namespace

const DatasetFormat& hermes_format() {
  static const Hermes format;
  return format;
}

}  // namespace albicilla
