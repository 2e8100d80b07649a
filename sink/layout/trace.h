// `trace`: a file of its own for each exchange, made to be read by people.
#pragma once

#include "sink/layout/layout.h"

namespace albicilla {

void derive_trace(const LayoutLine& line, const LayoutLimits& limits,
                  std::vector<DerivedLine>& out);

}  // namespace albicilla
