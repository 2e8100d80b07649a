// The layouts beside `session`, read by eye.
#pragma once

#include <span>
#include <string_view>

#include "sink/layout/layout.h"

namespace albicilla {

std::span<const Layout> layouts();
// nullptr when there is none of that name.
const Layout* layout_named(std::string_view name);

}  // namespace albicilla
