#include "converter/format/message_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "converter/format/two_speakers.h"

namespace albicilla {

struct MessageRules::Message {
  std::string_view role;
  bool has_content = false;
  bool has_calls = false;
  bool content_is_list = false;
  std::vector<std::string_view> ids;
  std::string_view answers;
  bool has_weight = false;
  bool weight = false;
};

namespace {

std::string no_result(std::string_view id) {
  return "the call '" + std::string(id) + "' has no result";
}

}  // namespace

void MessageRules::messages() {
  check_.array([this](std::size_t) { message(); });
  if (!any_) check_.fail("must not be empty");
  if (!open_.empty()) check_.fail(no_result(open_.front()));
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
void MessageRules::follow(Message& message) {
  if (message.role.empty()) return check_.fail("'role' is missing");
  const bool is_assistant = message.role == "assistant";
  if (message.role == "tool") {
    const auto open = std::find(open_.begin(), open_.end(), message.answers);
    if (open == open_.end()) {
      return check_.fail("answers '" + std::string(message.answers) + "', which is no open call");
    }
    open_.erase(open);
  } else if (!open_.empty()) {
    return check_.fail(no_result(open_.front()));
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
  if (is_assistant) std::swap(open_, message.ids);
  assistants_ += is_assistant ? 1 : 0;
  learned_ += is_assistant && (message.weight || !message.has_weight) ? 1 : 0;
  last_role_ = message.role;
  any_ = true;
}

// Tools that kept the rules in an earlier row keep them in this one.
void MessageRules::tools() {
  KnownTools* const known = check_.known_tools();
  if (known == nullptr) return list_of_tools();
  if (check_.take_known(known->checked)) {
    declared_.insert(declared_.end(), known->names.begin(), known->names.end());
    return;
  }
  const std::size_t before = declared_.size();
  const char* const from = check_.rest().data();
  list_of_tools();
  if (check_.failed()) return;
  known->checked.assign(from, check_.rest().data());
  known->names.assign(declared_.begin() + static_cast<std::ptrdiff_t>(before), declared_.end());
}

void MessageRules::list_of_tools() {
  check_.array([this](std::size_t) {
    Required required{"type", "function"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "type") {
        check_.string_one_of({"function"});
      } else if (key == "function") {
        function();
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  });
}

void MessageRules::function() {
  Required members{"name"};
  check_.object([&](std::string_view key) {
    members.see(key);
    if (key == "name") {
      declared_.emplace_back(check_.text());
    } else if (key == "description") {
      check_.string();
    } else if (key == "parameters") {
      check_.object([&](std::string_view) { check_.any(); });
    } else if (key == "strict") {
      check_.boolean();
    } else {
      check_.unknown(key);
    }
  });
  members.check(check_);
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
