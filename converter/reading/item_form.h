// Items as bytes that are kept behind their raw text: whoever needs an item again gets it without
// walking over the text again. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "converter/reading/items.h"

namespace albicilla {

// Appends the form of all items in `list`, whose views point into `raw`. False, and nothing
// appended, when they cannot be told by places in `raw`.
bool append_item_forms(std::string& out, std::string_view raw, const ItemList& list);

// Adds the item at `place` of `forms` to `list`, with views into `raw`.
void read_item_form(std::string_view raw, std::string_view forms, std::uint32_t place,
                    ItemList& list);

}  // namespace albicilla
