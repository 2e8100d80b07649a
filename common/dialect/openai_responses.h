// The Responses API (POST /v1/responses): typed events -> the response object.
#pragma once

#include <memory>

#include "common/dialect/dialect.h"

namespace albicilla {

std::unique_ptr<StreamAssembler> make_openai_responses_assembler();

}  // namespace albicilla
