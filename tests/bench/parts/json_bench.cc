// Bytes of JSON: validate, minify, pick a member, escape.
#include <benchmark/benchmark.h>

#include "common/json/scan.h"
#include "common/json/walk.h"

namespace albicilla {
namespace {

// A conversation as a coding agent sends it: long strings with escapes, few numbers.
std::string conversation(std::size_t bytes) {
  std::string json = R"({"model":"m","messages":[)";
  while (json.size() < bytes) {
    json +=
        R"({"role":"user","content":[{"type":"text","text":"for (int i = 0; i < n; ++i) {\n)"
        R"(    std::cout << \"line \" << i << std::endl;\n}\nAnd then we go on with some plain )"
        R"(prose that has no escapes at all for quite a while, as people write it."}]},)";
  }
  json.pop_back();
  return json + R"(],"stream":true})";
}

void BM_CheckJson(benchmark::State& state) {
  const std::string json = conversation(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(check_json(json));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * json.size()));
}
BENCHMARK(BM_CheckJson)->Arg(300)->Arg(20'000)->Arg(1'000'000);

void BM_PickMember(benchmark::State& state) {
  const std::string json = conversation(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(json_member(json, "stream"));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * json.size()));
}
BENCHMARK(BM_PickMember)->Arg(20'000)->Arg(1'000'000);

void BM_Minify(benchmark::State& state) {
  const std::string json = conversation(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::string out;
    append_minified(out, json);
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * json.size()));
}
BENCHMARK(BM_Minify)->Arg(20'000);

void BM_EscapeString(benchmark::State& state) {
  const std::string text = conversation(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::string out;
    append_json_string(out, text);
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_EscapeString)->Arg(20'000);

}  // namespace
}  // namespace albicilla
