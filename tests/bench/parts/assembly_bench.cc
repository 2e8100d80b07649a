// Streams -> objects: what the sender thread pays per streamed byte.
#include <benchmark/benchmark.h>

#include "common/dialect/registry.h"
#include "common/sse/sse_reader.h"
#include "tests/bench/parts/stream_text.h"

namespace albicilla {
namespace {

void assemble(benchmark::State& state, const char* dialect, const std::string& stream) {
  for (auto _ : state) {
    const auto assembler = dialect_named(dialect).assembler();
    SseEvent event;
    for (SseReader reader(stream); reader.next(event);) assembler->feed(event);
    benchmark::DoNotOptimize(assembler->finish());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stream.size()));
}

void BM_AssembleChatText(benchmark::State& state) {
  assemble(state, "openai_chat", chat_stream(static_cast<int>(state.range(0))));
}
BENCHMARK(BM_AssembleChatText)->Arg(40)->Arg(2000);

void BM_AssembleChatToolCalls(benchmark::State& state) {
  assemble(state, "openai_chat", tool_stream(static_cast<int>(state.range(0))));
}
BENCHMARK(BM_AssembleChatToolCalls)->Arg(40)->Arg(2000);

}  // namespace
}  // namespace albicilla
