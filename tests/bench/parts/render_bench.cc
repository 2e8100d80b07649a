// Facts -> line: the sender thread's work per record, plain and streamed.
#include <benchmark/benchmark.h>

#include "proxy/outbox/render.h"
#include "tests/bench/parts/stream_text.h"

namespace albicilla {
namespace {

ExchangeFacts exchange(std::size_t request_bytes) {
  ExchangeFacts facts;
  facts.opened.method = "POST";
  facts.opened.path = "/v1/chat/completions";
  facts.opened.dialect = "openai_chat";
  for (int i = 0; i < 12; ++i) {
    facts.opened.request_headers.push_back({"x-header-" + std::to_string(i), "value of a header"});
  }
  facts.closed.response_headers = facts.opened.request_headers;
  facts.closed.status = 200;
  facts.request_body = R"({"model":"m","messages":[)";
  while (facts.request_body.size() < request_bytes) {
    facts.request_body += R"({"role":"user","content":"some words,\n then \"more\" of them, and )"
                          R"(a good deal of plain text behind it"},)";
  }
  facts.request_body.pop_back();
  facts.request_body += "]}";
  return facts;
}

void run(benchmark::State& state, const ExchangeFacts& facts) {
  const RenderOptions options;
  for (auto _ : state) benchmark::DoNotOptimize(render(facts, options));
  const std::size_t bytes = facts.request_body.size() + facts.response_body.size();
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

void BM_RenderPlain(benchmark::State& state) {
  ExchangeFacts facts = exchange(static_cast<std::size_t>(state.range(0)));
  facts.response_body = R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":)"
                        R"("assistant","content":"fine"},"finish_reason":"stop"}],"usage":)"
                        R"({"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})";
  run(state, facts);
}
BENCHMARK(BM_RenderPlain)->Arg(300)->Arg(20'000)->Arg(1'000'000);

void BM_RenderStream(benchmark::State& state) {
  ExchangeFacts facts = exchange(20'000);
  facts.closed.streaming = true;
  facts.response_body = chat_stream(static_cast<int>(state.range(0)));
  run(state, facts);
}
BENCHMARK(BM_RenderStream)->Arg(40)->Arg(2000);

}  // namespace
}  // namespace albicilla
