#include "common/record/spool_entry.h"

#include <gtest/gtest.h>

#include "common/io/entry.h"

namespace albicilla {
namespace {

ExchangeId exchange_id(std::uint8_t first) {
  ExchangeId id;
  for (std::uint8_t& byte : id.bytes) byte = first++;
  return id;
}

OpenedFacts some_opened() {
  OpenedFacts facts;
  facts.id = exchange_id(7);
  facts.started_at = WallTime(Microseconds(1768298400123456));
  facts.method = "POST";
  facts.path = "/v1/chat/completions";
  facts.query = "a=%00&b";
  facts.request_headers = {{"Content-Type", "application/json"}, {"X", ""}, {"x", "\xff"}};
  facts.session_hint = std::string(300, 's');
  facts.session_source = SessionSource::header;
  facts.dialect = "openai_chat";
  facts.upstream = "https://api.example.com";
  facts.user_id = "u";
  facts.client_app = "codex";
  facts.client_ip = "::1";
  facts.attempt = 2;
  facts.sink = 1;
  facts.slot = 3;
  return facts;
}

ClosedFacts some_closed() {
  ClosedFacts facts;
  facts.id = exchange_id(7);
  facts.seq = Seq{UINT64_MAX};
  facts.sink = 1;
  facts.closed_at = WallTime(Microseconds(-1));
  facts.ending = Ending::interrupted;
  facts.status = 599;
  facts.streaming = true;
  facts.response_headers = {{"a", "b"}};
  facts.duration = Microseconds(1234567);
  facts.first_byte = Microseconds(99);
  facts.request_bytes = 5000000000;
  facts.response_bytes = 1;
  facts.chunks = 17;
  facts.request_truncated = true;
  facts.error = "upstream: closed";
  return facts;
}

GenerationFacts some_generation() {
  GenerationFacts facts;
  facts.slot = 4;
  facts.started_at = WallTime(Microseconds(5));
  facts.sinks = {{id_from_bytes<ProducerId>("0123456789abcdef").value(), "ipc:///run/a"},
                 {id_from_bytes<ProducerId>("fedcba9876543210").value(), "tcp://b:5557"}};
  return facts;
}

AnsweredFacts some_answered() {
  return {exchange_id(7), 200, true, {{"content-type", "text/event-stream"}}};
}

std::string_view payload_of(const std::string& framed, EntryType type) {
  const EntryParse parse = parse_entry(framed);
  EXPECT_EQ(parse.state, EntryState::whole);
  EXPECT_EQ(parse.entry.type, static_cast<std::uint8_t>(type));
  EXPECT_EQ(parse.entry.frame_bytes, framed.size());
  return parse.entry.payload;
}

TEST(SpoolEntry, GivesBackOpenedFacts) {
  std::string framed;
  append_opened(framed, some_opened());
  const auto parsed = parse_opened(payload_of(framed, EntryType::opened));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, some_opened());
}

TEST(SpoolEntry, GivesBackClosedFactsWithAndWithoutAFirstByte) {
  ClosedFacts facts = some_closed();
  for (const bool has_first_byte : {true, false}) {
    if (!has_first_byte) facts.first_byte.reset();
    std::string framed;
    append_closed(framed, facts);
    const auto parsed = parse_closed(payload_of(framed, EntryType::closed));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, facts);
  }
}

TEST(SpoolEntry, GivesBackPartsAnswersAndGenerations) {
  const PartFacts facts{exchange_id(9), Direction::response, 70000, Microseconds(-3)};
  std::string framed;
  append_part(framed, facts, std::string_view("by\0tes", 6));
  const auto part = parse_part(payload_of(framed, EntryType::part));
  ASSERT_TRUE(part);
  EXPECT_EQ(part->facts, facts);
  EXPECT_EQ(part->bytes, std::string_view("by\0tes", 6));

  framed.clear();
  append_answered(framed, some_answered());
  const auto answered = parse_answered(payload_of(framed, EntryType::answered));
  ASSERT_TRUE(answered);
  EXPECT_EQ(*answered, some_answered());

  framed.clear();
  append_generation(framed, some_generation());
  const auto generation = parse_generation(payload_of(framed, EntryType::generation));
  ASSERT_TRUE(generation);
  EXPECT_EQ(*generation, some_generation());
}

TEST(SpoolEntry, NamesTheExchangeOfEveryKindOfEntry) {
  std::string opened;
  append_opened(opened, some_opened());
  EXPECT_EQ(exchange_of(payload_of(opened, EntryType::opened)), exchange_id(7));
  std::string part;
  append_part(part, {exchange_id(7), Direction::request, 0, Microseconds(0)}, "");
  EXPECT_EQ(exchange_of(payload_of(part, EntryType::part)), exchange_id(7));
  std::string closed;
  append_closed(closed, some_closed());
  EXPECT_EQ(exchange_of(payload_of(closed, EntryType::closed)), exchange_id(7));
  EXPECT_EQ(exchange_of("short"), std::nullopt);
}

TEST(SpoolEntry, RefusesPayloadsThatAreCutAnywhereOrRunOn) {
  std::string framed;
  append_opened(framed, some_opened());
  append_closed(framed, some_closed());
  append_answered(framed, some_answered());
  append_generation(framed, some_generation());
  std::string_view rest = framed;
  while (!rest.empty()) {
    const EntryParse parse = parse_entry(rest);
    const auto refused = [&](std::string_view payload) {
      switch (static_cast<EntryType>(parse.entry.type)) {
        case EntryType::opened:
          return !parse_opened(payload);
        case EntryType::closed:
          return !parse_closed(payload);
        case EntryType::answered:
          return !parse_answered(payload);
        default:
          return !parse_generation(payload);
      }
    };
    for (std::size_t size = 0; size < parse.entry.payload.size(); ++size) {
      EXPECT_TRUE(refused(parse.entry.payload.substr(0, size)));
    }
    EXPECT_TRUE(refused(std::string(parse.entry.payload) + "x"));
    rest.remove_prefix(parse.entry.frame_bytes);
  }
}

TEST(SpoolEntry, RefusesUnknownWordsAndVersionsAndASeqOfZero) {
  ClosedFacts closed = some_closed();
  closed.ending = static_cast<Ending>(8);
  std::string framed;
  append_closed(framed, closed);
  EXPECT_FALSE(parse_closed(payload_of(framed, EntryType::closed)));
  closed = some_closed();
  closed.seq = Seq{0};
  framed.clear();
  append_closed(framed, closed);
  EXPECT_FALSE(parse_closed(payload_of(framed, EntryType::closed)));
  GenerationFacts generation = some_generation();
  generation.version = kSpoolVersion + 1;
  framed.clear();
  append_generation(framed, generation);
  EXPECT_FALSE(parse_generation(payload_of(framed, EntryType::generation)));
}

TEST(SpoolEntry, RefusesCountsAndLengthsBeyondThePayload) {
  std::string bytes(16, 'i');
  bytes += '\x02';                                  // status
  bytes += '\x00';                                  // streaming
  bytes += "\xff\xff\xff\xff\xff\xff\xff\xff\x7f";  // so many headers
  EXPECT_FALSE(parse_answered(bytes));
  EXPECT_FALSE(parse_answered(std::string(16, 'i') + std::string(20, '\xff')));  // endless varint
}

TEST(SpoolEntry, KeepsAGapOpenAndClosed) {
  GapFacts facts;
  facts.id = random_id<ExchangeId>();
  facts.seq = Seq{12};
  facts.sink = 1;
  facts.slot = 3;
  facts.since = WallTime(Microseconds(5));
  facts.until = WallTime(Microseconds(9));
  facts.exchanges = 40;
  facts.bytes = 7;
  facts.cause = "spool full";
  std::string bytes;
  append_gap_close(bytes, facts, Seq{12});
  EXPECT_EQ(*parse_gap(parse_entry(bytes).entry.payload), facts);
  facts.exchanges.reset();
  bytes.clear();
  append_gap_open(bytes, facts);
  facts.seq = Seq{};
  const EntryView open = parse_entry(bytes).entry;
  EXPECT_EQ(*parse_gap(open.payload), facts);
  for (std::size_t size = 0; size < open.payload.size(); ++size) {
    EXPECT_FALSE(parse_gap(open.payload.substr(0, size)));
  }
}

TEST(SpoolEntry, SaysWhichGenerationsAreOfRecovery) {
  GenerationFacts facts;
  facts.sinks = {{random_id<ProducerId>(), "ipc://sink"}};
  for (const bool recovery : {false, true}) {
    facts.recovery = recovery;
    std::string bytes;
    append_generation(bytes, facts);
    EXPECT_EQ(*parse_generation(parse_entry(bytes).entry.payload), facts);
  }
}

}  // namespace
}  // namespace albicilla
