#include "converter/format/chat_messages.h"

#include <algorithm>
#include <string>

#include "converter/format/calls.h"
#include "converter/format/images.h"
#include "converter/format/two_speakers.h"

namespace albicilla {

namespace {

class MessageWriter {
 public:
  MessageWriter(RowWriter& row, const Conversation& conversation, const ChatStyle& style)
      : row_(row), conversation_(conversation), style_(style) {}

  Status write(const Turn& turn, std::uint32_t place) {
    row_.begin_object().key("role").plain(to_string(turn.role));
    Status status;
    switch (turn.role) {
      case Role::system:
      case Role::user:
        status = content(turn);
        break;
      case Role::assistant:
        status = assistant(turn, place);
        break;
      case Role::tool:
        status = tool(turn);
        break;
    }
    row_.end_object();
    return status;
  }

 private:
  Status content(const Turn& turn) {
    const std::size_t texts = static_cast<std::size_t>(
        std::count_if(turn.parts.begin(), turn.parts.end(),
                      [](const Part& part) { return part.kind == PartKind::text; }));
    row_.key("content");
    const bool joined = texts <= 1 || style_.one_string || turn.role == Role::system;
    if (texts == turn.parts.size() && joined) {
      one_string(turn);
      return {};
    }
    if (style_.one_string) return client_error("the format has no place for images and media");
    row_.begin_array();
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::text) {
        row_.begin_object().key("type").plain("text").key("text").string(part.text).end_object();
      } else if (part.kind == PartKind::image && turn.role == Role::user) {
        row_.begin_object().key("type").plain("image_url").key("image_url").begin_object();
        row_.key("url").body(image_url(image_of(part))).end_object().end_object();
      } else {
        return client_error("the format has no place for this kind of content");
      }
    }
    row_.end_array();
    return {};
  }

  // Several texts become paragraphs.
  void one_string(const Turn& turn) {
    row_.begin_string();
    bool first = true;
    for (const Part& part : turn.parts) {
      if (part.kind != PartKind::text) continue;
      if (!first) row_.add_plain("\n\n");
      first = false;
      row_.add(part.text);
    }
    row_.end_string();
  }

  Status assistant(const Turn& turn, std::uint32_t place) {
    const auto calls = calls_of(turn);
    if (has_kind(turn.parts, PartKind::other)) {
      return client_error("the format has no place for a provider's own tools");
    }
    if (style_.reasoning && has_kind(turn.parts, PartKind::reasoning)) {
      row_.key("reasoning_content").texts(turn.parts, PartKind::reasoning);
    }
    const bool has_text =
        has_kind(turn.parts, PartKind::text) || has_kind(turn.parts, PartKind::refusal);
    if (has_text || calls.empty() || style_.empty_content) {
      row_.key("content").begin_string();
      row_.add_texts(turn.parts).add_texts(turn.parts, PartKind::refusal).end_string();
    }
    if (!calls.empty()) {
      row_.key("tool_calls").begin_array();
      for (std::uint32_t i = 0; i < calls.size(); ++i) {
        if (auto status = call(*calls[i], place, i); !status) return status;
      }
      row_.end_array();
    }
    if (style_.weights) row_.key("weight").number(turn.weight);
    return {};
  }

  std::string id_of(std::uint32_t turn, std::uint32_t call) const {
    return style_.nine_letter_ids ? nine_letter_id(turn, call) : call_id(conversation_, turn, call);
  }

  Status call(const Part& call, std::uint32_t turn, std::uint32_t place) {
    const std::string arguments = arguments_json(call);
    row_.begin_object().key("id").body(id_of(turn, place)).key("type").plain("function");
    row_.key("function").begin_object().key("name").string(call.name).key("arguments");
    if (!style_.arguments_are_objects) {
      row_.plain(arguments);
    } else if (are_object(arguments)) {
      row_.raw(arguments);
    } else {
      return client_error("a call's arguments are no JSON object");
    }
    row_.end_object().end_object();
    return {};
  }

  Status tool(const Turn& turn) {
    for (const Part& part : turn.parts) {
      if (part.kind != PartKind::text) {
        return client_error("the format has no place for a tool result that is not text");
      }
    }
    row_.key("content");
    one_string(turn);
    row_.key("tool_call_id").body(id_of(turn.call_turn, turn.call));
    const Part* const call = answered_call(conversation_, turn);
    if (style_.tool_names && call != nullptr) row_.key("name").string(call->name);
    return {};
  }

  RowWriter& row_;
  const Conversation& conversation_;
  const ChatStyle& style_;
};

}  // namespace

Status append_messages(RowWriter& row, const Conversation& conversation, const ChatStyle& style,
                       std::size_t last) {
  MessageWriter writer(row, conversation, style);
  row.begin_array();
  for (const Turn& turn : conversation.system) {
    if (auto status = writer.write(turn, 0); !status) return status;
  }
  for (std::uint32_t i = 0; i < last; ++i) {
    if (auto status = writer.write(conversation.turns[i], i); !status) return status;
  }
  row.end_array();
  return {};
}

Status append_answer(RowWriter& row, const Conversation& conversation, const ChatStyle& style,
                     std::size_t turn) {
  row.begin_array();
  auto status = MessageWriter(row, conversation, style)
                    .write(conversation.turns[turn], static_cast<std::uint32_t>(turn));
  row.end_array();
  return status;
}

void append_chat_tools(RowWriter& row, const Conversation& conversation) {
  row.begin_array();
  for (const Tool& tool : conversation.tools) {
    if (!tool.is_function) continue;
    row.begin_object().key("type").plain("function").key("function").begin_object();
    row.key("name").string(tool.name);
    if (!tool.description.body.empty()) row.key("description").string(tool.description);
    if (!tool.parameters.empty()) row.key("parameters").json(tool.parameters);
    if (!tool.strict.empty()) row.key("strict").json(tool.strict);
    row.end_object().end_object();
  }
  row.end_array();
}

struct MessageRules::Message {
  std::string role;
  bool has_content = false;
  bool has_calls = false;
  bool content_is_list = false;
  std::vector<std::string> ids;
  std::string answers;
  bool has_weight = false;
  bool weight = false;
};

void MessageRules::messages() {
  check_.array([this](std::size_t) { message(); });
  if (!any_) check_.fail("must not be empty");
  if (!open_.empty()) check_.fail("the call '" + open_.front() + "' has no result");
  if (rules_.ends_with_assistant && last_role_ != "assistant") {
    check_.fail("the last message must be the assistant's");
  }
}

void MessageRules::answer() {
  std::size_t count = 0;
  check_.array([&](std::size_t) {
    message();
    ++count;
  });
  if (count != 1 || last_role_ != "assistant") check_.fail("must be one message of the assistant");
  open_.clear();
}

void MessageRules::message() {
  Message message;
  check_.object([&](std::string_view key) { member(key, message); });
  if (!check_.failed()) follow(message);
}

void MessageRules::member(std::string_view key, Message& message) {
  if (key == "role") {
    message.role = check_.string_one_of({"system", "user", "assistant", "tool"});
  } else if (key == "content") {
    content(message);
  } else if (key == "tool_calls") {
    calls(message);
  } else if (key == "tool_call_id") {
    message.answers = check_.text();
  } else if (key == "weight" && rules_.style.weights) {
    const std::string_view weight = check_.any();
    if (weight != "0" && weight != "1") check_.fail("must be 0 or 1");
    message.has_weight = true;
    message.weight = weight == "1";
  } else if (key == "reasoning_content" && rules_.style.reasoning) {
    check_.string();
  } else if (key == "name" && rules_.style.tool_names) {
    check_.text();
  } else {
    check_.unknown(key);
  }
}

void MessageRules::content(Message& message) {
  if (check_.kind() == JsonKind::string) {
    message.has_content = true;
    check_.string();
    return;
  }
  if (rules_.style.one_string) return check_.fail("must be a string");
  message.content_is_list = true;
  check_.array([&](std::size_t) {
    message.has_content = true;
    check_.object([&](std::string_view key) {
      if (key == "type") {
        check_.string_one_of({"text", "image_url"});
      } else if (key == "text") {
        check_.string();
      } else if (key == "image_url") {
        check_.object([&](std::string_view inner) {
          if (inner == "url" || inner == "detail") {
            check_.text();
          } else {
            check_.unknown(inner);
          }
        });
      } else {
        check_.unknown(key);
      }
    });
  });
}

void MessageRules::calls(Message& message) {
  message.has_calls = true;
  check_.array([&](std::size_t) { call(message); });
  if (message.ids.empty()) check_.fail("must not be empty");
}

void MessageRules::call(Message& message) {
  Required required{"id", "type", "function"};
  check_.object([&](std::string_view key) {
    required.see(key);
    if (key == "id") {
      message.ids.emplace_back(check_.text());
      const bool is_nine =
          message.ids.back().size() == 9 &&
          std::all_of(message.ids.back().begin(), message.ids.back().end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
          });
      if (rules_.style.nine_letter_ids && !is_nine) check_.fail("must be nine letters and digits");
    } else if (key == "type") {
      check_.string_one_of({"function"});
    } else if (key == "function") {
      Required members{"name", "arguments"};
      check_.object([&](std::string_view inner) {
        members.see(inner);
        if (inner == "name") {
          called_.emplace_back(check_.text());
        } else if (inner == "arguments" && rules_.style.arguments_are_objects) {
          check_.object([&](std::string_view) { check_.any(); });
        } else if (inner == "arguments") {
          check_.string();
        } else {
          check_.unknown(inner);
        }
      });
      members.check(check_);
    } else {
      check_.unknown(key);
    }
  });
  required.check(check_);
}

// What a message may be after those before it.
void MessageRules::follow(const Message& message) {
  if (message.role.empty()) return check_.fail("'role' is missing");
  const bool is_assistant = message.role == "assistant";
  if (message.role == "tool") {
    const auto open = std::find(open_.begin(), open_.end(), message.answers);
    if (open == open_.end()) {
      return check_.fail("answers '" + message.answers + "', which is no open call");
    }
    open_.erase(open);
  } else if (!open_.empty()) {
    return check_.fail("the call '" + open_.front() + "' has no result");
  }
  if (!message.has_content && !(is_assistant && message.has_calls)) {
    return check_.fail("'content' is missing");
  }
  if (message.has_calls && !is_assistant) return check_.fail("only the assistant may call");
  if (message.has_weight && !is_assistant) return check_.fail("only the assistant has a weight");
  if (!message.answers.empty() && message.role != "tool") {
    return check_.fail("only a tool message has 'tool_call_id'");
  }
  if (message.content_is_list && message.role != "user" && message.role != "system") {
    return check_.fail("'content' must be a string");
  }
  open_ = is_assistant ? message.ids : open_;
  assistants_ += is_assistant ? 1 : 0;
  learned_ += is_assistant && (message.weight || !message.has_weight) ? 1 : 0;
  last_role_ = message.role;
  any_ = true;
}

void MessageRules::tools() {
  check_.array([this](std::size_t) {
    Required required{"type", "function"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "type") {
        check_.string_one_of({"function"});
      } else if (key == "function") {
        Required members{"name"};
        check_.object([&](std::string_view inner) {
          members.see(inner);
          if (inner == "name") {
            declared_.emplace_back(check_.text());
          } else if (inner == "description") {
            check_.string();
          } else if (inner == "parameters") {
            check_.object([&](std::string_view) { check_.any(); });
          } else if (inner == "strict") {
            check_.boolean();
          } else {
            check_.unknown(inner);
          }
        });
        members.check(check_);
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  });
}

void MessageRules::finish() {
  if (check_.failed()) return;
  if (rules_.learns && assistants_ == 0) {
    return check_.fail("there is no message of the assistant");
  }
  if (rules_.learns && learned_ == 0)
    return check_.fail("there is nothing to learn: all weights are 0");
  if (rules_.calls_are_declared) check_called(check_, called_, declared_);
}

}  // namespace albicilla
