// Legacy completions (POST /v1/completions): chunks -> the text_completion object.
#pragma once

#include <memory>

#include "common/dialect/dialect.h"

namespace albicilla {

std::unique_ptr<StreamAssembler> make_openai_completions_assembler();

}  // namespace albicilla
