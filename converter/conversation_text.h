// What a conversation says, as plain text: for counting tokens and finding near duplicates. Pure.
#pragma once

#include <string>

#include "converter/reading/conversation.h"

namespace albicilla {

// All texts, calls and results, each behind a newline.
std::string conversation_text(const Conversation& conversation);

}  // namespace albicilla
