// Which program is asking, as far as its headers say. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "common/http/headers.h"

namespace albicilla {

// x-client-app, else a known user agent ("claude-code", "codex", "openai-python" ...), else the
// user agent's first product name; "unknown" without one. Bounded in length.
std::string client_app_of(const Headers& headers);

// How often an SDK had tried before (x-stainless-retry-count); 0 when it does not say.
std::uint32_t attempt_of(const Headers& headers);

}  // namespace albicilla
