// Middlewares of a predecessor's YAML that write files: with us that is a layout of the sink, which
// our own child is told of.
#pragma once

#include "proxy/config/config.h"

namespace albicilla {

// Puts the layouts of `trace` and `message_logger` into the own sink's arguments, with what their
// config says. The first wrong key or value is an error.
Status add_layouts_of_middlewares(Config& config);

// Does any enabled middleware stand for a layout?
bool names_layout(const Config& config);

}  // namespace albicilla
