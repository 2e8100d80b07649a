// An OpenAI chat completions request as an Anthropic Messages request. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "common/translate/translation.h"

namespace albicilla {

// Anthropic's API wants a limit in every request; this one stands in for a client that names none.
inline constexpr std::int64_t kUsualMaxTokens = 8192;

// `body` is the request's JSON text. An error's fault is `client`, its message names the place.
Result<TranslatedRequest> messages_request_of(std::string_view body);

}  // namespace albicilla
