// Chat completions (POST /v1/chat/completions): chunks -> the chat.completion object.
#pragma once

#include <memory>

#include "common/dialect/dialect.h"

namespace albicilla {

std::unique_ptr<StreamAssembler> make_openai_chat_assembler();

}  // namespace albicilla
