// An Anthropic Messages request as an OpenAI chat completions request. Pure.
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "common/translate/translation.h"

namespace albicilla {

// `body` is the request's JSON text. An error's fault is `client`, its message names the place.
Result<TranslatedRequest> chat_request_of(std::string_view body);

}  // namespace albicilla
