// What every streamed byte costs: finding the terminal event on the event loop, reading events.
#include <benchmark/benchmark.h>

#include "common/dialect/registry.h"
#include "common/sse/sse_reader.h"
#include "tests/bench/parts/stream_text.h"

namespace albicilla {
namespace {

// range(0): bytes per read.
void BM_TerminalScanner(benchmark::State& state) {
  const std::string stream = chat_stream(2000);
  const auto step = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    TerminalScanner scanner(dialect_named("openai_chat"));
    bool seen = false;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      seen = scanner.feed(std::string_view(stream).substr(at, step));
    }
    benchmark::DoNotOptimize(seen);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stream.size()));
}
BENCHMARK(BM_TerminalScanner)->Arg(341)->Arg(16384);

void BM_SseParser(benchmark::State& state) {
  const std::string stream = chat_stream(2000);
  for (auto _ : state) {
    SseParser parser;
    std::size_t events = 0;
    for (std::size_t at = 0; at < stream.size(); at += 16384) {
      events += parser.feed(std::string_view(stream).substr(at, 16384)).size();
    }
    benchmark::DoNotOptimize(events);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stream.size()));
}
BENCHMARK(BM_SseParser);

void BM_SseReader(benchmark::State& state) {
  const std::string stream = chat_stream(2000);
  for (auto _ : state) {
    SseEvent event;
    std::size_t bytes = 0;
    for (SseReader reader(stream); reader.next(event);) bytes += event.data.size();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stream.size()));
}
BENCHMARK(BM_SseReader);

}  // namespace
}  // namespace albicilla
