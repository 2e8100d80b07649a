// Header fields on their way between two APIs: where the credential stands, what belongs to one API
// alone, and what a translated body makes untrue. Pure.
#pragma once

#include <string>

#include "common/http/headers.h"

namespace albicilla {

// The client's key under either name: x-api-key, or Authorization: Bearer. Empty when there is
// none.
std::string credential_of(const Headers& headers);

// Without every field that `prefixes` begin or that describes the body: the translated one is JSON,
// uncompressed, of another length.
Headers request_without(const Headers& client, const char* prefix);
Headers response_without_body_fields(const Headers& upstream);

}  // namespace albicilla
