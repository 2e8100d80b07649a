// The binary forms of a record: entries of the spool and the header on the wire, there and back.
#include <string>

#include <benchmark/benchmark.h>

#include "common/io/entry.h"
#include "common/record/spool_entry.h"
#include "common/record/wire.h"

namespace albicilla {
namespace {

OpenedFacts opened_facts() {
  OpenedFacts facts;
  facts.id = random_id<ExchangeId>();
  facts.method = "POST";
  facts.path = "/v1/chat/completions";
  facts.dialect = "openai_chat";
  facts.upstream = "https://api.example.com";
  facts.client_ip = "10.0.0.7";
  for (int i = 0; i < 12; ++i) {
    facts.request_headers.push_back({"x-some-header-" + std::to_string(i), "and a value for it"});
  }
  return facts;
}

void BM_OpenedEntry(benchmark::State& state) {
  const OpenedFacts facts = opened_facts();
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_opened(out, facts);
    const EntryParse parse = parse_entry(out);
    benchmark::DoNotOptimize(parse_opened(parse.entry.payload));
  }
}
BENCHMARK(BM_OpenedEntry);

void BM_PartEntry(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'b');
  const PartFacts facts{random_id<ExchangeId>(), Direction::response, 0, Microseconds(900)};
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_part(out, facts, bytes);
    benchmark::DoNotOptimize(parse_entry(out));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_PartEntry)->Arg(100)->Arg(16'384)->Arg(1 << 20);

void BM_WireHeader(benchmark::State& state) {
  WireHeader header;
  header.producer = random_id<ProducerId>();
  header.seq = Seq{12345};
  header.exchange = random_id<ExchangeId>();
  header.naming.session_hint = "a-session-of-somebody";
  header.naming.model = "gpt-4o-mini";
  header.naming.dialect = "openai_chat";
  for (auto _ : state) benchmark::DoNotOptimize(parse_wire_header(encode(header)));
}
BENCHMARK(BM_WireHeader);

}  // namespace
}  // namespace albicilla
