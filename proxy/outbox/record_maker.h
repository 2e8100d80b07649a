// Makes what goes out of what the spool holds of one record.
#pragma once

#include <cstdint>

#include "common/base/id128.h"
#include "common/base/result.h"
#include "common/record/wire.h"
#include "proxy/outbox/entry_reader.h"
#include "proxy/outbox/generation.h"
#include "proxy/outbox/record_index.h"
#include "proxy/outbox/render_mark.h"
#include "proxy/outbox/rendered_record.h"

namespace albicilla {

struct OutgoingRecord {
  MessageKind kind = MessageKind::record;
  ExchangeId exchange;
  RenderedRecord rendered;
};

// Sender thread only. A record that cannot be rendered is made as it is: one body that a library
// chokes on must not hold back the records behind it, nor kill one worker after the other.
class RecordMaker {
 public:
  // Both must outlive the maker.
  RecordMaker(const RenderRecord& render, RenderMark& mark) : render_(render), mark_(mark) {}

  // `reader` reads the generation that holds the record for `producer`. `most_chunks`: see
  // RenderOrder. An error when the spool cannot be read there any more.
  Result<OutgoingRecord> make(EntryReader& reader, const HeldRecord& held,
                              const ProducerId& producer, bool recovery, std::uint64_t most_chunks);

 private:
  RenderedRecord render(const ExchangeFacts& facts, std::uint64_t most_chunks);

  const RenderRecord& render_;
  RenderMark& mark_;
};

}  // namespace albicilla
