// Chat-completion messages, the shape that most formats share, in each format's own manner.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
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

}  // namespace albicilla
