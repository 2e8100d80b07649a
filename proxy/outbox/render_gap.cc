#include "proxy/outbox/render_gap.h"

#include "common/json/writer.h"

namespace albicilla {

RenderedRecord render_gap(const GapFacts& facts, const ProducerId& producer) {
  RenderedRecord record;
  record.middle = "\"gap\":";
  JsonWriter writer(record.middle);
  writer.begin_object().key("producer").text(hex_text(producer.bytes));
  // The Seq that the gap itself takes: readers account for it as for one that is missing.
  writer.key("from").number(facts.seq.value).key("to").number(facts.seq.value);
  writer.key("id").text(uuid_text(facts.id.bytes)).key("worker").number(facts.slot);
  writer.key("since").text(iso8601(facts.since)).key("until").text(iso8601(facts.until));
  writer.key("exchanges");
  facts.exchanges ? writer.number(*facts.exchanges) : writer.null();
  writer.key("bytes").number(facts.bytes).key("cause").text(facts.cause).end_object();
  record.naming.started_at = facts.since;
  record.naming.closed_at = facts.until;
  return record;
}

}  // namespace albicilla
