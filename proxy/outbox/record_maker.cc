#include "proxy/outbox/record_maker.h"

#include <exception>
#include <string>

#include "common/base/log.h"
#include "proxy/outbox/exchange_builder.h"
#include "proxy/outbox/render_gap.h"

namespace albicilla {

namespace {

// One worker may be killed by chance at any record.
constexpr std::uint64_t kMostDeaths = 2;

Result<ExchangeFacts> read_exchange(EntryReader& reader, const HeldRecord& held,
                                    const ProducerId& producer) {
  ExchangeBuilder exchange;
  for (const EntryPlace& place : held.places) {
    const auto entry = reader.read(place);
    if (!entry) return entry.error();
    const Status added = exchange.add(static_cast<EntryType>(entry->type), entry->payload);
    if (!added) return added.error();
  }
  return exchange.finish(producer);
}

}  // namespace

RenderedRecord RecordMaker::render(const ExchangeFacts& facts, std::uint64_t most_chunks) {
  std::string cause = "workers died while they rendered it";
  if (mark_.deaths(facts.producer, facts.closed.seq) < kMostDeaths) {
    mark_.begin(facts.producer, facts.closed.seq);
    try {
      RenderedRecord record = render_(facts, {false, most_chunks});
      mark_.end();
      return record;
    } catch (const std::exception& problem) {
      cause = problem.what();
    }
    mark_.end();
  }
  log_error("record sent raw, it could not be rendered",
            {{"exchange", uuid_text(facts.opened.id.bytes)}, {"cause", cause}});
  return render_(facts, {true, 0});
}

Result<OutgoingRecord> RecordMaker::make(EntryReader& reader, const HeldRecord& held,
                                         const ProducerId& producer, bool recovery,
                                         std::uint64_t most_chunks) {
  const auto last = reader.read(held.places.back());
  if (!last) return last.error();
  if (static_cast<EntryType>(last->type) == EntryType::gap_close) {
    const auto gap = parse_gap(last->payload);
    if (!gap) return gap.error();
    return OutgoingRecord{MessageKind::gap, gap->id, render_gap(*gap, producer)};
  }
  const auto facts = read_exchange(reader, held, producer);
  if (!facts) return facts.error();
  return OutgoingRecord{recovery ? MessageKind::recovered : MessageKind::record, facts->opened.id,
                        render(*facts, most_chunks)};
}

}  // namespace albicilla
