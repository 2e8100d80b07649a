// A gap's facts -> the middle of its line in the log's gaps. Pure.
#pragma once

#include "common/record/record.h"
#include "proxy/outbox/rendered_record.h"

namespace albicilla {

RenderedRecord render_gap(const GapFacts& facts, const ProducerId& producer);

}  // namespace albicilla
