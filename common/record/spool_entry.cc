#include "common/record/spool_entry.h"

#include "common/io/entry.h"
#include "common/record/payload.h"

namespace albicilla {

namespace {

// Frames what write(PayloadWriter&) writes.
template <class Write>
void append_framed(std::string& out, EntryType type, Write write) {
  const std::size_t start = begin_entry(out, static_cast<std::uint8_t>(type));
  PayloadWriter payload(out);
  write(payload);
  end_entry(out, start);
}

Error bad_payload(const char* type, std::size_t bytes) {
  return our_error(std::string("spool entry: payload of ") + std::to_string(bytes) +
                   " bytes is not of type " + type);
}

void write_gap(PayloadWriter& payload, const GapFacts& facts, Seq seq) {
  payload.id(facts.id);
  payload.number(seq.value);
  payload.number(facts.sink);
  payload.number(facts.slot);
  payload.time(facts.since);
  payload.time(facts.until);
  payload.boolean(facts.exchanges.has_value());
  payload.number(facts.exchanges.value_or(0));
  payload.number(facts.bytes);
  payload.text(facts.cause);
}

}  // namespace

void append_generation(std::string& out, const GenerationFacts& facts) {
  append_framed(out, EntryType::generation, [&](PayloadWriter& payload) {
    payload.number(facts.version);
    payload.number(facts.slot);
    payload.time(facts.started_at);
    payload.number(facts.sinks.size());
    for (const GenerationFacts::Sink& sink : facts.sinks) {
      payload.id(sink.producer);
      payload.text(sink.endpoint);
    }
    if (facts.recovery) payload.boolean(true);
  });
}

void append_opened(std::string& out, const OpenedFacts& facts) {
  append_framed(out, EntryType::opened, [&](PayloadWriter& payload) {
    payload.id(facts.id);
    payload.time(facts.started_at);
    payload.text(facts.method);
    payload.text(facts.path);
    payload.text(facts.query);
    payload.headers(facts.request_headers);
    payload.text(facts.session_hint);
    payload.number(static_cast<std::uint8_t>(facts.session_source));
    payload.text(facts.dialect);
    payload.text(facts.upstream);
    payload.text(facts.user_id);
    payload.text(facts.client_app);
    payload.text(facts.client_ip);
    payload.number(facts.attempt);
    payload.number(facts.sink);
    payload.number(facts.slot);
  });
}

void append_part(std::string& out, const PartFacts& facts, std::string_view bytes) {
  append_framed(out, EntryType::part, [&](PayloadWriter& payload) {
    payload.id(facts.id);
    payload.number(static_cast<std::uint8_t>(facts.direction));
    payload.number(facts.number);
    payload.microseconds(facts.at);
    out.append(bytes);
  });
}

void append_answered(std::string& out, const AnsweredFacts& facts) {
  append_framed(out, EntryType::answered, [&](PayloadWriter& payload) {
    payload.id(facts.id);
    payload.number(facts.status);
    payload.boolean(facts.streaming);
    payload.headers(facts.response_headers);
  });
}

void append_closed(std::string& out, const ClosedFacts& facts) {
  append_closed(out, facts, facts.seq);
}

void append_closed(std::string& out, const ClosedFacts& facts, Seq seq) {
  append_framed(out, EntryType::closed, [&](PayloadWriter& payload) {
    payload.id(facts.id);
    payload.number(seq.value);
    payload.number(facts.sink);
    payload.time(facts.closed_at);
    payload.number(static_cast<std::uint8_t>(facts.ending));
    payload.number(facts.status);
    payload.boolean(facts.streaming);
    payload.headers(facts.response_headers);
    payload.microseconds(facts.duration);
    payload.boolean(facts.first_byte.has_value());
    payload.microseconds(facts.first_byte.value_or(Microseconds(0)));
    payload.number(facts.request_bytes);
    payload.number(facts.response_bytes);
    payload.number(facts.chunks);
    payload.boolean(facts.request_truncated);
    payload.boolean(facts.response_truncated);
    payload.text(facts.error);
  });
}

void append_gap_open(std::string& out, const GapFacts& facts) {
  append_framed(out, EntryType::gap_open,
                [&](PayloadWriter& payload) { write_gap(payload, facts, Seq{}); });
}

void append_gap_close(std::string& out, const GapFacts& facts, Seq seq) {
  append_framed(out, EntryType::gap_close,
                [&](PayloadWriter& payload) { write_gap(payload, facts, seq); });
}

Result<GenerationFacts> parse_generation(std::string_view bytes) {
  PayloadReader payload(bytes);
  GenerationFacts facts;
  facts.version = payload.number<std::uint8_t>();
  facts.slot = payload.number<std::uint32_t>();
  facts.started_at = payload.time();
  const auto sinks = payload.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < sinks && payload.good(); ++i) {
    GenerationFacts::Sink& sink = facts.sinks.emplace_back();
    sink.producer = payload.id<ProducerId>();
    sink.endpoint = payload.text();
  }
  if (payload.good() && !payload.complete()) facts.recovery = payload.boolean();
  if (!payload.complete() || facts.version != kSpoolVersion) {
    return bad_payload("generation", bytes.size());
  }
  return facts;
}

Result<OpenedFacts> parse_opened(std::string_view bytes) {
  PayloadReader payload(bytes);
  OpenedFacts facts;
  facts.id = payload.id<ExchangeId>();
  facts.started_at = payload.time();
  facts.method = payload.text();
  facts.path = payload.text();
  facts.query = payload.text();
  facts.request_headers = payload.headers();
  facts.session_hint = payload.text();
  facts.session_source = payload.word(SessionSource::no_session);
  facts.dialect = payload.text();
  facts.upstream = payload.text();
  facts.user_id = payload.text();
  facts.client_app = payload.text();
  facts.client_ip = payload.text();
  facts.attempt = payload.number<std::uint32_t>();
  facts.sink = payload.number<std::uint32_t>();
  facts.slot = payload.number<std::uint32_t>();
  if (!payload.complete()) return bad_payload("opened", bytes.size());
  return facts;
}

Result<PartView> parse_part(std::string_view bytes) {
  PayloadReader payload(bytes);
  PartView part;
  part.facts.id = payload.id<ExchangeId>();
  part.facts.direction = payload.word(Direction::translation);
  part.facts.number = payload.number<std::uint32_t>();
  part.facts.at = payload.microseconds();
  part.bytes = payload.rest();
  if (!payload.complete()) return bad_payload("part", bytes.size());
  return part;
}

Result<AnsweredFacts> parse_answered(std::string_view bytes) {
  PayloadReader payload(bytes);
  AnsweredFacts facts;
  facts.id = payload.id<ExchangeId>();
  facts.status = payload.number<std::uint16_t>();
  facts.streaming = payload.boolean();
  facts.response_headers = payload.headers();
  if (!payload.complete()) return bad_payload("answered", bytes.size());
  return facts;
}

Result<ClosedFacts> parse_closed(std::string_view bytes) {
  PayloadReader payload(bytes);
  ClosedFacts facts;
  facts.id = payload.id<ExchangeId>();
  facts.seq.value = payload.number<std::uint64_t>();
  facts.sink = payload.number<std::uint32_t>();
  facts.closed_at = payload.time();
  facts.ending = payload.word(Ending::interrupted);
  facts.status = payload.number<std::uint16_t>();
  facts.streaming = payload.boolean();
  facts.response_headers = payload.headers();
  facts.duration = payload.microseconds();
  const bool has_first_byte = payload.boolean();
  const Microseconds first_byte = payload.microseconds();
  if (has_first_byte) facts.first_byte = first_byte;
  facts.request_bytes = payload.number<std::uint64_t>();
  facts.response_bytes = payload.number<std::uint64_t>();
  facts.chunks = payload.number<std::uint64_t>();
  facts.request_truncated = payload.boolean();
  facts.response_truncated = payload.boolean();
  facts.error = payload.text();
  if (!payload.complete() || facts.seq.value == 0) return bad_payload("closed", bytes.size());
  return facts;
}

Result<GapFacts> parse_gap(std::string_view bytes) {
  PayloadReader payload(bytes);
  GapFacts facts;
  facts.id = payload.id<ExchangeId>();
  facts.seq.value = payload.number<std::uint64_t>();
  facts.sink = payload.number<std::uint32_t>();
  facts.slot = payload.number<std::uint32_t>();
  facts.since = payload.time();
  facts.until = payload.time();
  const bool counted = payload.boolean();
  const auto exchanges = payload.number<std::uint64_t>();
  if (counted) facts.exchanges = exchanges;
  facts.bytes = payload.number<std::uint64_t>();
  facts.cause = payload.text();
  if (!payload.complete()) return bad_payload("gap", bytes.size());
  return facts;
}

std::optional<ExchangeId> exchange_of(std::string_view payload) {
  return id_from_bytes<ExchangeId>(payload.substr(0, 16));
}

}  // namespace albicilla
