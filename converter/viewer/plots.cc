#include "converter/viewer/plots.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "converter/viewer/json_member.h"

namespace albicilla::viewer {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::array<std::int64_t, 13> kWidths = {
    kMinute,   2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,
    2 * kHour, 3 * kHour,   6 * kHour,   12 * kHour,   kDay,         7 * kDay};
// Names beyond this are summed up as one.
constexpr std::size_t kMostNames = 40;

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

// First and last minute of what the index knows, narrowed by the filter's times.
struct Range {
  std::int64_t begin = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = std::numeric_limits<std::int64_t>::min();
};

Result<Range> range_of(DayPool& pool, const Filter& filter) {
  Range range;
  for (const std::string& day : pool.days()) {
    if (!filter.covers_day(day)) continue;
    auto lease = pool.take(day);
    if (!lease) continue;
    auto select = (*lease)->prepare("SELECT min(minute), max(minute) FROM minute");
    if (!select) return select.error();
    auto row = select->step();
    if (!row) return row.error();
    if (!*row || select->is_null(0)) continue;
    range.begin = std::min(range.begin, select->integer(0) * kMinute);
    range.end = std::max(range.end, (select->integer(1) + 1) * kMinute);
  }
  if (filter.since) range.begin = std::max(range.begin, *filter.since);
  if (filter.until) range.end = std::min(range.end, *filter.until);
  return range;
}

PlotBucket& named(std::map<std::string, PlotBucket>& buckets, std::string_view name) {
  const auto found = buckets.find(std::string(name));
  if (found != buckets.end()) return found->second;
  return buckets[buckets.size() < kMostNames ? std::string(name) : std::string("(others)")];
}

void add(PlotBucket& sum, const PlotBucket& part) {
  sum.exchanges += part.exchanges;
  sum.failed += part.failed;
  sum.input_tokens += part.input_tokens;
  sum.output_tokens += part.output_tokens;
  sum.cached_tokens += part.cached_tokens;
}

Status add_minutes(Database& database, const Filter& filter, Histogram& histogram) {
  auto select = database.prepare(
      "SELECT minute, exchanges, failed, input_tokens, output_tokens FROM minute"
      " WHERE minute>=? AND minute<?");
  if (!select) return select.error();
  const auto begin = filter.since ? floor_to(*filter.since, kMinute) / kMinute : INT64_MIN;
  const auto end = filter.until ? (*filter.until + kMinute - 1) / kMinute : INT64_MAX;
  select->bind(1, begin).bind(2, end);
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    PlotBucket part;
    part.exchanges = select->integer(1);
    part.failed = select->integer(2);
    part.input_tokens = select->integer(3);
    part.output_tokens = select->integer(4);
    add(histogram.buckets[histogram.axis.bucket_of(select->integer(0) * kMinute)], part);
    add(histogram.total, part);
  }
}

// Gives every exchange of the filter to `take(row)`.
template <class Take>
Status each_exchange(Database& database, const Filter& filter, const char* columns, Take take) {
  const Condition condition = exchange_condition(filter);
  auto select = database.prepare(std::string("SELECT ") + columns + " FROM exchange e WHERE " +
                                 condition.sql);
  if (!select) return select.error();
  condition.bind(*select, 1);
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return {};
    take(*select);
  }
}

PlotBucket bucket_from(const Statement& row) {
  PlotBucket part;
  part.exchanges = 1;
  part.failed = row.integer(1);
  part.input_tokens = row.integer(2);
  part.output_tokens = row.integer(3);
  part.cached_tokens = row.integer(4);
  return part;
}

Status count_sessions(Database& database, const Filter& filter, std::int64_t& sessions) {
  const Condition condition = session_condition(filter);
  auto select = database.prepare("SELECT count(*) FROM session s WHERE " + condition.sql);
  if (!select) return select.error();
  condition.bind(*select, 1);
  auto row = select->step();
  if (!row) return row.error();
  if (*row) sessions += select->integer(0);
  return {};
}

void write_bucket(JsonWriter& json, const PlotBucket& bucket) {
  put(json, "exchanges", bucket.exchanges);
  put(json, "failed", bucket.failed);
  put(json, "input_tokens", bucket.input_tokens);
  put(json, "output_tokens", bucket.output_tokens);
  put(json, "cached_tokens", bucket.cached_tokens);
}

void write_axis(JsonWriter& json, const TimeAxis& axis) {
  put(json, "begin", axis.begin);
  put(json, "width", axis.width);
}

void write_names(JsonWriter& json, std::string_view key,
                 const std::map<std::string, PlotBucket>& names) {
  json.key(key).begin_array();
  for (const auto& [name, bucket] : names) {
    json.begin_object();
    put(json, "name", name);
    write_bucket(json, bucket);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void DurationCounts::add(std::int64_t micros_taken) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros_taken, 0)) + 8;
  const auto power = static_cast<std::size_t>(std::bit_width(value)) - 4;  // value >= 8
  const std::size_t eighth = (value >> power) & 7;
  ++counts_[std::min(kClasses - 1, power * 8 + eighth)];
  ++total_;
}

std::optional<std::int64_t> DurationCounts::quantile(double part) const {
  if (total_ == 0) return std::nullopt;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(total_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kClasses; ++i) {
    seen += counts_[i];
    if (seen < std::max<std::uint64_t>(wanted, 1)) continue;
    const std::uint64_t low = (8 + i % 8) << (i / 8);
    const std::uint64_t width = std::uint64_t{1} << (i / 8);
    return static_cast<std::int64_t>(low + width / 2) - 8;
  }
  return std::nullopt;
}

std::size_t TimeAxis::bucket_of(std::int64_t at) const {
  if (at <= begin || buckets == 0) return 0;
  return std::min(buckets - 1, static_cast<std::size_t>((at - begin) / width));
}

Result<TimeAxis> choose_axis(DayPool& pool, const Filter& filter, std::size_t most_buckets) {
  auto range = range_of(pool, filter);
  if (!range) return range.error();
  TimeAxis axis;
  if (range->begin >= range->end) return axis;
  for (const std::int64_t width : kWidths) {
    axis.width = width;
    axis.begin = floor_to(range->begin, width);
    axis.buckets = static_cast<std::size_t>((range->end - axis.begin + width - 1) / width);
    if (axis.buckets <= most_buckets) return axis;
  }
  // Years of log: as many weeks as it takes.
  const auto weeks = static_cast<std::int64_t>(axis.buckets / most_buckets + 1);
  axis.width = weeks * kWidths.back();
  axis.begin = floor_to(range->begin, axis.width);
  axis.buckets = static_cast<std::size_t>((range->end - axis.begin + axis.width - 1) / axis.width);
  return axis;
}

Result<Histogram> make_histogram(DayPool& pool, const Filter& filter, std::size_t most_buckets) {
  Histogram histogram;
  auto axis = choose_axis(pool, filter, most_buckets);
  if (!axis) return axis.error();
  histogram.axis = *axis;
  histogram.buckets.resize(axis->buckets);
  if (axis->buckets == 0) return histogram;
  for (const std::string& day : pool.days()) {
    if (!filter.covers_day(day)) continue;
    auto lease = pool.take(day);
    if (!lease) continue;
    Status status;
    if (filter.is_time_only()) {
      status = add_minutes(**lease, filter, histogram);
    } else {
      status =
          each_exchange(**lease, filter,
                        "e.closed_at, e.failed, e.input_tokens, e.output_tokens, e.cached_tokens",
                        [&](const Statement& row) {
                          const PlotBucket part = bucket_from(row);
                          add(histogram.buckets[histogram.axis.bucket_of(row.integer(0))], part);
                          add(histogram.total, part);
                        });
    }
    if (status) status = count_sessions(**lease, filter, histogram.sessions);
    if (!status) return status.error();
  }
  return histogram;
}

Result<Plots> make_plots(DayPool& pool, const Filter& filter, std::size_t most_buckets) {
  Plots plots;
  auto axis = choose_axis(pool, filter, most_buckets);
  if (!axis) return axis.error();
  plots.axis = *axis;
  plots.buckets.resize(axis->buckets);
  plots.durations.resize(axis->buckets);
  plots.first_bytes.resize(axis->buckets);
  if (axis->buckets == 0) return plots;
  const auto take = [&](const Statement& row) {
    const PlotBucket part = bucket_from(row);
    const std::size_t bucket = plots.axis.bucket_of(row.integer(0));
    add(plots.buckets[bucket], part);
    add(named(plots.models, row.text(5)), part);
    add(named(plots.clients, row.text(6)), part);
    ++plots.endings[std::string(row.text(7)).substr(0, 40)];
    ++plots.statuses[row.integer(8)];
    if (!row.is_null(9)) plots.durations[bucket].add(row.integer(9));
    if (!row.is_null(10)) plots.first_bytes[bucket].add(row.integer(10));
  };
  for (const std::string& day : pool.days()) {
    if (!filter.covers_day(day)) continue;
    auto lease = pool.take(day);
    if (!lease) continue;
    Status status = each_exchange(
        **lease, filter,
        "e.closed_at, e.failed, e.input_tokens, e.output_tokens, e.cached_tokens, e.model,"
        " e.client, e.ending, e.status, e.duration_us, e.first_byte_us",
        take);
    if (!status) return status.error();
  }
  return plots;
}

void write_histogram(JsonWriter& json, const Histogram& histogram) {
  json.begin_object();
  write_axis(json, histogram.axis);
  put(json, "sessions", histogram.sessions);
  json.key("total").begin_object();
  write_bucket(json, histogram.total);
  json.end_object();
  json.key("buckets").begin_array();
  for (const PlotBucket& bucket : histogram.buckets) {
    json.begin_array().number(bucket.exchanges).number(bucket.failed).end_array();
  }
  json.end_array().end_object();
}

void write_plots(JsonWriter& json, const Plots& plots) {
  json.begin_object();
  write_axis(json, plots.axis);
  json.key("buckets").begin_array();
  for (std::size_t i = 0; i < plots.buckets.size(); ++i) {
    json.begin_object();
    write_bucket(json, plots.buckets[i]);
    put(json, "duration_p50_us", plots.durations[i].quantile(0.5));
    put(json, "duration_p95_us", plots.durations[i].quantile(0.95));
    put(json, "first_byte_p50_us", plots.first_bytes[i].quantile(0.5));
    put(json, "first_byte_p95_us", plots.first_bytes[i].quantile(0.95));
    json.end_object();
  }
  json.end_array();
  write_names(json, "models", plots.models);
  write_names(json, "clients", plots.clients);
  json.key("endings").begin_object();
  for (const auto& [ending, count] : plots.endings) put(json, ending, count);
  json.end_object().key("statuses").begin_object();
  for (const auto& [status, count] : plots.statuses) put(json, std::to_string(status), count);
  json.end_object().end_object();
}

}  // namespace albicilla::viewer
