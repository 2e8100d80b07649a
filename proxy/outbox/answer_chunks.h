// A streamed answer as it came: `exchange.wire` of the line, the first chunks with their times.
// Pure.
#pragma once

#include <cstdint>

#include "common/json/writer.h"
#include "common/record/record.h"

namespace albicilla {

enum class ChunkContent : std::uint8_t {
  bytes,  // text, or base64 where a chunk is no UTF-8 by itself
  sizes,  // only how many: nobody could find a secret that two chunks share
};

// The member `wire`, when the exchange has a streamed answer and any chunk is wanted. A WebSocket's
// messages have their times already.
void write_answer_chunks(JsonWriter& writer, const ExchangeFacts& facts, std::uint64_t most,
                         ChunkContent content);

}  // namespace albicilla
