#include "common/base/counters.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace albicilla {
namespace {

constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::count_);
constexpr std::size_t kGauges = static_cast<std::size_t>(Gauge::count_);
constexpr std::size_t kHistograms = static_cast<std::size_t>(Histogram::count_);
constexpr std::size_t kModels = 33;  // the last one is "other"
constexpr std::size_t kNameBytes = 64;
constexpr auto kRelaxed = std::memory_order_relaxed;

using Cell = std::atomic<std::uint64_t>;
static_assert(Cell::is_always_lock_free, "shared between processes");

struct ModelSlot {
  // 0 free, 1 being named, 2 named.
  std::atomic<std::uint32_t> state;
  std::array<char, kNameBytes> name;
  Cell input;
  Cell output;
};

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
  std::array<ModelSlot, kModels> models;
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

void Counters::add_tokens(std::string_view model, std::uint64_t input, std::uint64_t output) {
  model = model.substr(0, kNameBytes - 1);
  for (std::size_t i = 0; i < kModels; ++i) {
    ModelSlot& slot = page_->models[i];
    std::uint32_t state = slot.state.load(std::memory_order_acquire);
    if (state == 0 && slot.state.compare_exchange_strong(state, 1)) {
      const std::string_view name = i + 1 == kModels ? std::string_view("other") : model;
      std::memcpy(slot.name.data(), name.data(), name.size());
      slot.state.store(2, std::memory_order_release);
      state = 2;
    }
    if (state != 2) continue;
    if (i + 1 != kModels && std::string_view(slot.name.data()) != model) continue;
    slot.input.fetch_add(input, kRelaxed);
    slot.output.fetch_add(output, kRelaxed);
    return;
  }
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
  for (const ModelSlot& slot : page_->models) {
    if (slot.state.load(std::memory_order_acquire) != 2) continue;
    const std::string_view name(slot.name.data());
    auto found = std::find_if(sums.tokens.begin(), sums.tokens.end(),
                              [&](const auto& tokens) { return tokens.model == name; });
    if (found == sums.tokens.end()) {
      found = sums.tokens.insert(found, {std::string(name), 0, 0});
    }
    found->input += slot.input.load(kRelaxed);
    found->output += slot.output.load(kRelaxed);
  }
}

}  // namespace albicilla
