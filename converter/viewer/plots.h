// Numbers over time for the plots and the histogram: how many exchanges, failures, tokens, how
// slow. Memory is fixed, whatever the log's size.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/json/writer.h"
#include "converter/viewer/day_pool.h"
#include "converter/viewer/filter.h"

namespace albicilla::viewer {

// Counts of durations in classes that grow by an eighth each: quantiles within 6 %.
class DurationCounts {
 public:
  void add(std::int64_t micros);
  // 0 < part < 1; nullopt when nothing was counted.
  std::optional<std::int64_t> quantile(double part) const;

 private:
  static constexpr std::size_t kClasses = 320;
  std::array<std::uint32_t, kClasses> counts_{};
  std::uint64_t total_ = 0;
};

struct PlotBucket {
  std::int64_t exchanges = 0;
  std::int64_t failed = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cached_tokens = 0;
};

// Even pieces of time from `begin` on.
struct TimeAxis {
  std::int64_t begin = 0;  // microseconds since 1970, a multiple of width
  std::int64_t width = 0;
  std::size_t buckets = 0;

  std::size_t bucket_of(std::int64_t at) const;
};

// At most that many buckets over what the filter leaves of the log, of a width that people use
// (minutes, hours, days). No buckets when nothing is left.
Result<TimeAxis> choose_axis(DayPool& pool, const Filter& filter, std::size_t most_buckets);

struct Histogram {
  TimeAxis axis;
  std::vector<PlotBucket> buckets;
  PlotBucket total;
  std::int64_t sessions = 0;  // one that runs over midnight counts on each day
};

Result<Histogram> make_histogram(DayPool& pool, const Filter& filter, std::size_t most_buckets);

struct Plots {
  TimeAxis axis;
  std::vector<PlotBucket> buckets;
  std::vector<DurationCounts> durations;
  std::vector<DurationCounts> first_bytes;
  std::map<std::string, PlotBucket> models;
  std::map<std::string, PlotBucket> clients;
  std::map<std::string, std::int64_t> endings;
  std::map<std::int64_t, std::int64_t> statuses;
};

Result<Plots> make_plots(DayPool& pool, const Filter& filter, std::size_t most_buckets);

void write_histogram(JsonWriter& json, const Histogram& histogram);
void write_plots(JsonWriter& json, const Plots& plots);

}  // namespace albicilla::viewer
