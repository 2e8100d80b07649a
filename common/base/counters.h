// What a worker counts, in a page of shared memory: the worker adds, the supervisor sums over all
// workers and renders. A page outlives its worker, so totals never go back when one is restarted.
// Adding is one relaxed atomic operation; any thread may.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "common/base/result.h"

namespace albicilla {

// Only grow.
enum class Counter : std::size_t {
  connections,      // accepted from clients
  requests,         // exchanges begun, refused ones too
  request_bytes,    // body bytes from clients
  response_bytes,   // body bytes of upstreams' answers
  framing_refused,  // requests that were not acceptable HTTP
  responses_1xx,    // by status as the client got it
  responses_2xx,
  responses_3xx,
  responses_4xx,
  responses_5xx,
  ending_complete,  // by ending, in the order of Ending
  ending_client_abort,
  ending_client_abort_after_end,
  ending_upstream_error,
  ending_upstream_truncated,
  ending_refused,
  ending_shutdown,
  ending_interrupted,
  upstream_connections,
  upstream_retries,  // sent again because a kept connection had died
  refused_spool_full,
  refusals_unlogged,     // refusals whose record the rate bound left out
  records_sent,          // to the sink, repeats included
  records_acknowledged,  // that the sink has made durable
  resend_rounds,         // begun because records were lost on the way
  exchanges_recovered,   // found open in the spool of a worker that died
  spool_gaps,            // pieces of spool that could not be read, and gaps of --on-full pass
  watermarks_refused,    // of a foreign sink, or above what was sent
  sessions_derived,      // session ids that no header named
  sub_agents,            // exchanges of agents that another agent started
  count_
};

// Go up and down; the supervisor sums them over workers.
enum class Gauge : std::size_t {
  connections_open,
  exchanges_active,
  spool_bytes,  // on disk
  records_unacknowledged,
  sink_reached,      // 1 once the worker has heard from its sinks and has the session secret
  spool_above_mark,  // 1 while the spool is fuller than readiness allows
  count_
};

enum class Histogram : std::size_t { duration, first_byte, count_ };

// Upper bounds of the buckets, in microseconds; the last bucket has none.
inline constexpr std::array<std::uint64_t, 17> kLatencyBounds{
    1'000,      5'000,      10'000,      25'000,      50'000,     100'000,
    250'000,    500'000,    1'000'000,   2'500'000,   5'000'000,  10'000'000,
    30'000'000, 60'000'000, 120'000'000, 300'000'000, 600'000'000};

// Plain sums over pages, for rendering.
struct CounterSums {
  struct Latency {
    std::array<std::uint64_t, kLatencyBounds.size() + 1> buckets{};
    std::uint64_t count = 0;
    std::uint64_t sum_microseconds = 0;
  };
  std::array<std::uint64_t, static_cast<std::size_t>(Counter::count_)> counters{};
  std::array<std::int64_t, static_cast<std::size_t>(Gauge::count_)> gauges{};
  std::array<Latency, static_cast<std::size_t>(Histogram::count_)> histograms{};

  std::uint64_t of(Counter counter) const { return counters[static_cast<std::size_t>(counter)]; }
  std::int64_t of(Gauge gauge) const { return gauges[static_cast<std::size_t>(gauge)]; }
};

struct CounterPage;

class Counters {
 public:
  // A page of its own, not shared; for tests.
  Counters();
  // Maps the page behind `fd`, which stays the caller's.
  static Result<Counters> map(int fd);
  // A new page as a memfd (close-on-exec).
  static Result<int> make_page();

  void add(Counter counter, std::uint64_t amount = 1);
  void change(Gauge gauge, std::int64_t amount);
  void set(Gauge gauge, std::int64_t value);
  void observe(Histogram histogram, std::chrono::microseconds span);

  // A worker starts with its gauges at zero; its totals go on.
  void reset_gauges();
  void sum_into(CounterSums& sums) const;

 private:
  explicit Counters(std::shared_ptr<CounterPage> page) : page_(std::move(page)) {}
  std::shared_ptr<CounterPage> page_;  // the mapping, unmapped with its last user
};

}  // namespace albicilla
