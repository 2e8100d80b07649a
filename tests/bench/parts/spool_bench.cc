// The worker's hot path through the outbox: opened, request, a wait, response, closed, a wait; with
// the spool thread writing and the sender rendering and pushing to a sink in this process. Time is
// that of the loop's thread; the counters say what the whole process took.
#include <sys/resource.h>

#include <utility>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/record/spool_entry.h"
#include "tests/support/outbox_fixture.h"

namespace albicilla {
namespace {

using tests::OutboxFixture;

double process_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

OpenedFacts usual_opened(OutboxFixture& fixture) {
  OpenedFacts facts = fixture.opened_facts("0190c0de-7a3b-7c11-9f00-0123456789ab");
  facts.upstream = "https://api.example.com";
  facts.client_ip = "10.0.0.7";
  for (int i = 0; i < 12; ++i) {
    facts.request_headers.push_back({"x-some-header-" + std::to_string(i), "and a value for it"});
  }
  return facts;
}

Task<void> client(OutboxFixture& fixture, const OpenedFacts& usual, std::int64_t& left) {
  static const std::string request(1000, 'q');
  static const std::string response(1000, 'r');
  ExchangeIdSource ids;
  Outbox& outbox = fixture.outbox();
  OpenedFacts opened = usual;
  ClosedFacts closed = fixture.closed_facts(opened);
  closed.response_headers = usual.request_headers;
  while (left-- > 0) {
    opened.id = closed.id = ids.next(opened.started_at);
    outbox.opened(opened);
    const PartFacts asked{opened.id, Direction::request, 0, Microseconds(0)};
    if (!co_await outbox.written(outbox.part(asked, request))) co_return;
    const PartFacts answered{opened.id, Direction::response, 0, Microseconds(900)};
    outbox.part(answered, response);
    if (!co_await outbox.written(outbox.closed(closed))) co_return;
  }
}

// One worker with so many connections, exchange after exchange on each.
void exchanges(benchmark::State& state) {
  OutboxFixture fixture;
  fixture.config.segment_bytes = std::uint64_t{64} << 20;
  fixture.config.spool_limit_bytes = std::uint64_t{4} << 30;
  if (state.range(1) != 0) fixture.sink.start();
  fixture.start_outbox();
  const OpenedFacts usual = usual_opened(fixture);
  const double before = process_seconds();
  for (auto _ : state) {
    std::int64_t left = 20000;
    std::int64_t running = state.range(0);
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      boost::asio::co_spawn(
          fixture.loop(), [&]() -> Task<void> { co_await client(fixture, usual, left); },
          [&](const std::exception_ptr&) { --running; });
    }
    fixture.loop().restart();
    while (running > 0) fixture.loop().run_one();
  }
  const auto done = static_cast<double>(state.iterations()) * 20000;
  state.counters["exchanges/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["process_us"] = (process_seconds() - before) / done * 1e6;
  state.counters["sent"] = static_cast<double>(fixture.outbox().stats().sent_records) / done;
  fixture.abandon_outbox();
}
BENCHMARK(exchanges)
    ->ArgNames({"connections", "sink"})
    ->Args({1, 0})
    ->Args({64, 0})
    ->Args({1000, 0})
    ->Args({64, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void encode_entries(benchmark::State& state) {
  OutboxFixture fixture;
  const OpenedFacts opened = usual_opened(fixture);
  const ClosedFacts closed = fixture.closed_facts(opened);
  const std::string body(1000, 'b');
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_opened(out, opened);
    append_part(out, {opened.id, Direction::request, 0, Microseconds(0)}, body);
    append_part(out, {opened.id, Direction::response, 0, Microseconds(0)}, body);
    append_closed(out, closed);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(out.size()) * state.iterations());
}
BENCHMARK(encode_entries);

}  // namespace
}  // namespace albicilla
