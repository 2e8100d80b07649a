#include "proxy/outbox/answer_chunks.h"

#include <string_view>

#include "common/base/base64.h"
#include "common/json/scan.h"
#include "proxy/outbox/milliseconds.h"

namespace albicilla {

namespace {

constexpr std::uint16_t kSwitchingProtocols = 101;

void write_bytes(JsonWriter& writer, std::string_view bytes) {
  if (is_utf8(bytes)) {
    writer.text(bytes);
    return;
  }
  std::string encoded;
  append_base64(encoded, bytes);
  writer.begin_object().key("base64").text(encoded).end_object();
}

}  // namespace

void write_answer_chunks(JsonWriter& writer, const ExchangeFacts& facts, std::uint64_t most,
                         ChunkContent content) {
  const ClosedFacts& closed = facts.closed;
  if (most == 0 || !closed.streaming || closed.status == kSwitchingProtocols) return;
  writer.key("wire").begin_array();
  std::string_view rest = facts.response_body;
  for (const AnswerChunk& chunk : facts.answer_chunks) {
    if (most-- == 0) break;
    const std::string_view bytes = rest.substr(0, chunk.bytes);
    rest.remove_prefix(bytes.size());
    writer.begin_array().raw(milliseconds(chunk.at));
    content == ChunkContent::sizes ? void(writer.number(bytes.size())) : write_bytes(writer, bytes);
    writer.end_array();
  }
  writer.end_array();
}

}  // namespace albicilla
