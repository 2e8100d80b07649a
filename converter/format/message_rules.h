// The rules that a list of chat-completion messages has to keep, and the tools beside it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "converter/format/chat_messages.h"
#include "converter/format/row_check.h"

namespace albicilla {

// Which rules a format's readers add to the common ones.
struct ChatRules {
  ChatStyle style;
  bool ends_with_assistant = true;
  bool calls_are_declared = true;  // every called function is among the tools
  bool learns = true;              // a weight of 1 somewhere
};

// Follows a list of messages through a RowCheck. Common rules: known roles, content where the role
// needs it, every call answered right behind it, every result for a call that was made.
class MessageRules {
 public:
  MessageRules(RowCheck& check, const ChatRules& rules) : check_(check), rules_(rules) {}

  void messages();
  void answer();  // a list of one assistant message
  void tools();
  // After both were walked over.
  void finish();

 private:
  struct Message;
  void message();
  void member(std::string_view key, Message& message);
  void content(Message& message);
  void calls(Message& message);
  void call(Message& message);
  void list_of_tools();
  void function();
  void follow(Message& message);

  RowCheck& check_;
  const ChatRules& rules_;
  std::vector<std::string_view> open_;  // ids of calls without a result
  std::vector<std::string_view> called_;
  std::vector<std::string> declared_;
  std::size_t assistants_ = 0;
  std::size_t learned_ = 0;
  std::string_view last_role_;
  bool any_ = false;
};

}  // namespace albicilla
