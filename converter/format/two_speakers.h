// What formats whose speakers take turns have in common: writing one side's turn, and the rules
// about it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "converter/format/row_check.h"
#include "converter/format/row_writer.h"
#include "converter/format/sides.h"

namespace albicilla {

// How a format calls the model and the list of what was said.
struct SpeakerNames {
  std::string_view assistant = "assistant";
  std::string_view list = "content";
};

// {"role": ..., "content": [...]}; `append(turn, place)` adds what one turn says.
template <class Append>
Status append_side(RowWriter& row, const Conversation& conversation, const Side& side,
                   const SpeakerNames& names, const Append& append) {
  row.begin_object().key("role").plain(side.assistant ? names.assistant : "user");
  row.key(names.list).begin_array();
  for (const std::size_t i : side.turns) {
    auto status = append(conversation.turns[i], static_cast<std::uint32_t>(i));
    if (!status) return status;
  }
  row.end_array().end_object();
  return {};
}

// A list of messages, each told whose turn it is: the user first, the assistant last.
void check_turns(RowCheck& check, const SpeakerNames& names, Callback<std::string_view> message);

// Every called function is among the tools.
template <class Name>  // a string or a view
void check_called(RowCheck& check, const std::vector<Name>& called,
                  const std::vector<std::string>& declared) {
  for (const Name& name : called) {
    if (std::find(declared.begin(), declared.end(), name) == declared.end()) {
      return check.fail("'" + std::string(name) + "' is called but not among the tools");
    }
  }
}

}  // namespace albicilla
