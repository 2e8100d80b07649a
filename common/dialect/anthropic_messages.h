// Anthropic's Messages (POST /v1/messages): typed events -> the message object, by content block.
#pragma once

#include <memory>

#include "common/dialect/dialect.h"

namespace albicilla {

std::unique_ptr<StreamAssembler> make_anthropic_messages_assembler();

}  // namespace albicilla
