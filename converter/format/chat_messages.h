// Chat-completion messages, the shape that most formats share, in each format's own manner; and the
// rules that such a list of messages has to keep.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "converter/format/row_check.h"
#include "converter/format/row_writer.h"
#include "converter/reading/conversation.h"

namespace albicilla {

struct ChatStyle {
  bool arguments_are_objects = false;  // else a string that holds JSON
  bool reasoning = false;              // as reasoning_content
  bool weights = false;
  bool tool_names = false;  // on tool messages
  bool nine_letter_ids = false;
  bool one_string = false;     // content is never a list, so images cannot be said
  bool empty_content = false;  // an answer of calls alone has the content ""
};

// What the model was told, then turns [first, last).
Status append_messages(RowWriter& row, const Conversation& conversation, const ChatStyle& style,
                       std::size_t last);
// One turn as a list of one message.
Status append_answer(RowWriter& row, const Conversation& conversation, const ChatStyle& style,
                     std::size_t turn);
// [{"type":"function","function":{...}}]
void append_chat_tools(RowWriter& row, const Conversation& conversation);

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
  void follow(const Message& message);

  RowCheck& check_;
  const ChatRules& rules_;
  std::vector<std::string> open_;  // ids of calls without a result
  std::vector<std::string> called_;
  std::vector<std::string> declared_;
  std::size_t assistants_ = 0;
  std::size_t learned_ = 0;
  std::string last_role_;
  bool any_ = false;
};

}  // namespace albicilla
