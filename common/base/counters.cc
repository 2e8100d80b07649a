#include "common/base/counters.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace albicilla {
namespace {

constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::count_);
constexpr std::size_t kGauges = static_cast<std::size_t>(Gauge::count_);
constexpr std::size_t kHistograms = static_cast<std::size_t>(Histogram::count_);
constexpr auto kRelaxed = std::memory_order_relaxed;

using Cell = std::atomic<std::uint64_t>;
static_assert(Cell::is_always_lock_free, "shared between processes");

struct LatencyCells {
  std::array<Cell, kLatencyBounds.size() + 1> buckets;
  Cell count;
  Cell sum_microseconds;
};

}  // namespace

// All zero is a valid page: a fresh memfd needs no constructor.
struct CounterPage {
  std::array<Cell, kCounters> counters;
  std::array<std::atomic<std::int64_t>, kGauges> gauges;
  std::array<LatencyCells, kHistograms> histograms;
};

Counters::Counters() : page_(std::make_shared<CounterPage>()) {}

Result<int> Counters::make_page() {
  const int fd = ::memfd_create("albicilla-counters", MFD_CLOEXEC);
  if (fd < 0) return errno_error("counter page", errno);
  if (::ftruncate(fd, sizeof(CounterPage)) != 0) {
    const int why = errno;
    ::close(fd);
    return errno_error("counter page", why);
  }
  return fd;
}

Result<Counters> Counters::map(int fd) {
  void* place = ::mmap(nullptr, sizeof(CounterPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (place == MAP_FAILED) return errno_error("counter page", errno);
  return Counters(std::shared_ptr<CounterPage>(
      static_cast<CounterPage*>(place), [](CounterPage* page) { ::munmap(page, sizeof(*page)); }));
}

void Counters::add(Counter counter, std::uint64_t amount) {
  page_->counters[static_cast<std::size_t>(counter)].fetch_add(amount, kRelaxed);
}

void Counters::change(Gauge gauge, std::int64_t amount) {
  page_->gauges[static_cast<std::size_t>(gauge)].fetch_add(amount, kRelaxed);
}

void Counters::set(Gauge gauge, std::int64_t value) {
  page_->gauges[static_cast<std::size_t>(gauge)].store(value, kRelaxed);
}

void Counters::observe(Histogram histogram, std::chrono::microseconds span) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(0, span.count()));
  LatencyCells& cells = page_->histograms[static_cast<std::size_t>(histogram)];
  const auto* bound = std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), micros);
  cells.buckets[static_cast<std::size_t>(bound - kLatencyBounds.begin())].fetch_add(1, kRelaxed);
  cells.count.fetch_add(1, kRelaxed);
  cells.sum_microseconds.fetch_add(micros, kRelaxed);
}

void Counters::reset_gauges() {
  for (auto& gauge : page_->gauges) gauge.store(0, kRelaxed);
}

void Counters::sum_into(CounterSums& sums) const {
  for (std::size_t i = 0; i < kCounters; ++i) sums.counters[i] += page_->counters[i].load(kRelaxed);
  for (std::size_t i = 0; i < kGauges; ++i) sums.gauges[i] += page_->gauges[i].load(kRelaxed);
  for (std::size_t i = 0; i < kHistograms; ++i) {
    const LatencyCells& from = page_->histograms[i];
    CounterSums::Latency& into = sums.histograms[i];
    for (std::size_t b = 0; b < into.buckets.size(); ++b) {
      into.buckets[b] += from.buckets[b].load(kRelaxed);
    }
    into.count += from.count.load(kRelaxed);
    into.sum_microseconds += from.sum_microseconds.load(kRelaxed);
  }
}

}  // namespace albicilla
