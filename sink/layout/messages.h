// `messages`: a line for each direction in `message_log.jsonl`, as a predecessor's message_logger
// wrote them.
#pragma once

#include "sink/layout/layout.h"

namespace albicilla {

void derive_messages(const LayoutLine& line, const LayoutLimits& limits,
                     std::vector<DerivedLine>& out);

}  // namespace albicilla
