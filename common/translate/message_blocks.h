// The parts of a chat message as Anthropic content blocks: text, images, files. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/json/tree.h"
#include "common/translate/field_rules.h"

namespace albicilla {

// Appends the blocks of a message's content (a string, parts, or null) to the array `blocks`. An
// empty text makes no block: Anthropic's API refuses those. `where` names the content.
Status append_blocks(const Json& content, const std::string& where, Notes& notes, Json& blocks);

Json anthropic_text_block(std::string_view text);

}  // namespace albicilla
