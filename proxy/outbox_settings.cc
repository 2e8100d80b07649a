#include "proxy/outbox_settings.h"

#include <algorithm>
#include <charconv>

namespace albicilla {
namespace {

// Readiness ends well before requests are refused.
constexpr std::uint64_t kReadyPercent = 80;

Durability durability_of(DurabilityMode mode) {
  switch (mode) {
    case DurabilityMode::spool:
      return Durability::spool;
    case DurabilityMode::fsync:
      return Durability::fsync;
    case DurabilityMode::sink:
      return Durability::sink;
  }
  return Durability::spool;
}

// As the sink chooses it when nobody says: the next port, or "<path>.ack".
Result<std::string> watermarks_beside(const std::string& records) {
  if (records.starts_with("ipc://")) return records + ".ack";
  const auto colon = records.rfind(':');
  std::uint16_t port = 0;
  const char* last = records.data() + records.size();
  const auto [end, problem] = std::from_chars(records.data() + colon + 1, last, port);
  if (!records.starts_with("tcp://") || problem != std::errc() || end != last || port == 65535) {
    return client_error("sink: '" + records + "' is neither tcp://host:port nor ipc://path");
  }
  return records.substr(0, colon + 1) + std::to_string(port + 1);
}

Result<SinkAddress> sink_address(const Config& config, const std::string& records,
                                 const std::string& watermarks) {
  SinkAddress address{records, watermarks, {}};
  if (watermarks.empty()) {
    auto beside = watermarks_beside(records);
    if (!beside) return beside.error();
    address.watermarks = *std::move(beside);
  }
  if (!config.sink_keys.empty()) {
    DiskFileSystem files;
    auto keys = load_worker_keys(files, config.sink_keys, records);
    if (!keys) return client_error("--sink-keys: " + keys.error().message);
    address.keys = *std::move(keys);
  }
  return address;
}

}  // namespace

Result<OutboxConfig> outbox_settings(const Config& config, std::uint32_t slot,
                                     std::uint32_t first_slot) {
  OutboxConfig outbox;
  outbox.spool_directory = config.spool.directory;
  outbox.slot = first_slot + slot;
  outbox.first_slot = first_slot;
  outbox.slots = config.workers;
  for (std::size_t i = 0; i < config.sinks.size(); ++i) {
    const bool told = i < config.sink_acks.size();
    auto address = sink_address(config, config.sinks[i], told ? config.sink_acks[i] : "");
    if (!address) return address.error();
    outbox.sinks.push_back(*std::move(address));
  }
  for (const std::string& sink : config.sinks_to_drain) {
    const std::size_t comma = std::min(sink.find(','), sink.size());
    const std::string watermarks = comma < sink.size() ? sink.substr(comma + 1) : "";
    auto address = sink_address(config, sink.substr(0, comma), watermarks);
    if (!address) return address.error();
    outbox.sinks_to_drain.push_back(*std::move(address));
  }
  outbox.durability = durability_of(config.spool.durability);
  outbox.spool_limit_bytes = config.spool.limit_bytes / config.workers;
  // Several segments must fit into a small limit, or nothing could ever be let go.
  outbox.segment_bytes = std::clamp<std::uint64_t>(outbox.spool_limit_bytes / 8,
                                                   std::uint64_t{1} << 20, outbox.segment_bytes);
  // What rules take out of the log is not to stay in the spool either.
  outbox.forgets_acknowledged = !config.redaction.rules.empty();
  outbox.sink_policy.accept_new_sink = config.accept_new_sink;
  return outbox;
}

void OutboxGauges::publish(const OutboxStats& now, bool has_secret) {
  counters_.set(Gauge::spool_bytes, static_cast<std::int64_t>(now.spool_bytes));
  counters_.set(Gauge::records_unacknowledged,
                static_cast<std::int64_t>(now.unacknowledged_records));
  counters_.set(Gauge::sink_reached, now.sinks_reached && has_secret ? 1 : 0);
  const bool above_mark =
      !now.accepting || now.spool_bytes > now.spool_limit_bytes / 100 * kReadyPercent;
  counters_.set(Gauge::spool_above_mark, above_mark ? 1 : 0);
  counters_.add(Counter::records_sent, now.sent_records - before_.sent_records);
  counters_.add(Counter::records_acknowledged,
                now.acknowledged_records - before_.acknowledged_records);
  counters_.add(Counter::resend_rounds, now.resends - before_.resends);
  counters_.add(Counter::exchanges_recovered,
                now.recovered_exchanges - before_.recovered_exchanges);
  counters_.add(Counter::spool_gaps, now.gaps - before_.gaps);
  counters_.add(Counter::watermarks_refused, now.false_watermarks + now.foreign_sinks -
                                                 before_.false_watermarks - before_.foreign_sinks);
  before_ = now;
}

}  // namespace albicilla
