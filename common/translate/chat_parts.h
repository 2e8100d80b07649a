// Anthropic content blocks as the parts of a chat message: text, images, documents and search
// results. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/json/tree.h"
#include "common/translate/field_rules.h"

namespace albicilla {

// Appends one block's parts to the array `parts`; `where` names the block for a refusal.
Status append_chat_parts(const Json& block, const std::string& where, Notes& notes, Json& parts);

Json chat_text_part(std::string_view text);
bool is_chat_text(const Json& part);

// Parts that are all text become one string, which every upstream takes; others stay an array.
Json chat_content_of(Json parts, std::string_view joint);

}  // namespace albicilla
