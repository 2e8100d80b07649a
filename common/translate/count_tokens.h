// The answer to POST /v1/messages/count_tokens when the upstream has no such endpoint: an estimate,
// and marked as one. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

// `body` is the request's JSON text. {"input_tokens":N,"estimated":true}: UTF-8 bytes of what the
// model would read, divided by 4 and rounded up; a picture or document counts as 1600 tokens. An
// error's fault is `client`.
Result<std::string> estimate_count_tokens(std::string_view body);

}  // namespace albicilla
