// What a conversation's last request asked for beside its messages: members of its parameters.
#pragma once

#include <string_view>

#include "converter/reading/conversation.h"

namespace albicilla {

// The raw value, empty when it is absent or null.
std::string_view parameter(const Conversation& conversation, std::string_view name);
// A member of any raw object, empty when it is absent or null.
std::string_view raw_member(std::string_view object, std::string_view name);

}  // namespace albicilla
