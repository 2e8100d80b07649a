// The translations, and which of them stands between two dialects.
#pragma once

#include <string_view>

#include "common/translate/translation.h"

namespace albicilla {

// By Dialect::name() of what the client speaks and what the upstream speaks; nullptr when there is
// none (pass the request through as it came).
const Translation* translation_between(std::string_view client_dialect,
                                       std::string_view upstream_dialect);

}  // namespace albicilla
