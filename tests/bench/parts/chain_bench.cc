// What a line of the log costs in hashes: one at a time, and many side by side as the sink, verify
// and the converter do it.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "common/base/digest_batch.h"
#include "common/chain/hash_chain.h"

namespace albicilla {
namespace {

std::vector<std::string> lines(std::size_t count, std::size_t bytes) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < count; ++i) made.emplace_back(bytes - i % 64, 'x');
  return made;
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void BM_ChainOneByOne(benchmark::State& state) {
  const auto texts = lines(64, static_cast<std::size_t>(state.range(0)));
  ChainHead head = chain_start("f");
  for (auto _ : state) {
    for (const std::string& text : texts) head = chain_next(head, sha256(text));
    benchmark::DoNotOptimize(head);
  }
  count_bytes(state, texts.size() * texts.front().size());
}
BENCHMARK(BM_ChainOneByOne)->Arg(2'000)->Arg(20'000)->Arg(200'000);

void BM_ChainSideBySide(benchmark::State& state) {
  const auto texts = lines(64, static_cast<std::size_t>(state.range(0)));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<Digest> digests(views.size());
  ChainHead head = chain_start("f");
  for (auto _ : state) {
    sha256_each(views, digests);
    for (const Digest& digest : digests) head = chain_next(head, digest);
    benchmark::DoNotOptimize(head);
  }
  count_bytes(state, texts.size() * texts.front().size());
}
BENCHMARK(BM_ChainSideBySide)->Arg(2'000)->Arg(20'000)->Arg(200'000);

void BM_SplitChainedLine(benchmark::State& state) {
  std::string line = "{" + std::string(2'000, 'x');
  append_chain(line, chain_start("f"));
  for (auto _ : state) benchmark::DoNotOptimize(split_chained_line(line));
}
BENCHMARK(BM_SplitChainedLine);

}  // namespace
}  // namespace albicilla
