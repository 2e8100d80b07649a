// Facts -> the line's middle: assembled, metered, rendered. Pure, so that it runs wherever there is
// time for it (the worker's sender thread) and gives the same bytes whenever it is repeated.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/record/record.h"
#include "common/redact/redaction_policy.h"
#include "common/session/conversation_hint.h"
#include "proxy/outbox/rendered_record.h"

namespace albicilla {

struct RenderOptions {
  // How much a body's Content-Encoding may unfold to in the log; the rest is cut and marked.
  std::size_t most_decoded_bytes = std::size_t{64} << 20;
  // Bodies go in as base64, nothing looks into them: for a record whose rendering killed a worker.
  bool raw = false;
  // Of a streamed answer so many chunks go in as they came.
  std::uint64_t most_chunks = 0;
  // Not null: exchanges without a session say what their conversation is.
  const ConversationRules* conversation = nullptr;
  // Not null: what it finds is taken out, in every text that a client or an upstream chose.
  const RedactionPolicy* redaction = nullptr;
};

RenderedRecord render(const ExchangeFacts& facts, const RenderOptions& options);

}  // namespace albicilla
