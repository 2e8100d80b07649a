// What the sender puts on the wire for one exchange: the middle of its line and what the sink needs
// to name it. The sender takes the function that makes it, so that the outbox knows no API shape.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/dialect/dialect.h"
#include "common/record/record.h"
#include "common/record/wire.h"

namespace albicilla {

struct RenderedRecord {
  // `"request":…,"response":…,"exchange":{…}`: valid JSON between braces, UTF-8, no newline. The
  // sink adds timestamp and session_id in front and chain behind.
  std::string middle;
  RecordNaming naming;
  Usage usage;
};

// What the one who sends it asks of a record.
struct RenderOrder {
  // Bodies as base64, nothing looks into them: for a record whose rendering killed workers.
  bool raw = false;
  std::uint64_t most_chunks = 0;  // of a streamed answer, as it came; 0: none
};

// Pure; called on the sender thread only.
using RenderRecord = std::function<RenderedRecord(const ExchangeFacts&, const RenderOrder&)>;

}  // namespace albicilla
