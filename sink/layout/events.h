// `events`: one usage event a request in `events.jsonl`, as a predecessor wrote them.
#pragma once

#include "sink/layout/layout.h"

namespace albicilla {

void derive_event(const LayoutLine& line, const LayoutLimits& limits,
                  std::vector<DerivedLine>& out);

// A string longer than the limit becomes its beginning and how long it was; an object or array
// whose JSON is longer becomes such a string of its JSON; anything else stays.
std::string limited_field(std::string_view raw, const LayoutLimits& limits);

}  // namespace albicilla
