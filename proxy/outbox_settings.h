// From the configuration to what a worker's outbox is told, and from what the outbox tells of
// itself to the counters that everybody sees.
#pragma once

#include <cstdint>

#include "common/base/counters.h"
#include "proxy/config/config.h"
#include "proxy/outbox/outbox.h"

namespace albicilla {

// The error says which sink endpoint has no watermark endpoint.
// `slot` is the worker's number, `first_slot` the spool slot of worker 0.
Result<OutboxConfig> outbox_settings(const Config& config, std::uint32_t slot,
                                     std::uint32_t first_slot);

// Turns an outbox's own totals, which begin at zero with each worker, into totals that go on.
class OutboxGauges {
 public:
  explicit OutboxGauges(Counters& counters) : counters_(counters) {}
  // `has_secret`: session ids can be derived.
  void publish(const OutboxStats& now, bool has_secret);

 private:
  Counters& counters_;
  OutboxStats before_;
};

}  // namespace albicilla
