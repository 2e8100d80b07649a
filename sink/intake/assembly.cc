#include "sink/intake/assembly.h"

#include <algorithm>

namespace albicilla {

std::optional<WholeRecord> Assembly::take(const WireHeader& header, std::string_view piece,
                                          SteadyTime now) {
  if (header.piece == 0 && !begin(header)) return std::nullopt;
  const auto found = partials_.find(header.producer);
  if (found == partials_.end()) return std::nullopt;
  Partial& partial = found->second;
  const WireHeader& first = partial.record.header;
  if (header.seq != first.seq || header.exchange != first.exchange ||
      header.pieces != first.pieces || header.piece != partial.next_piece) {
    drop(header.producer);
    return std::nullopt;
  }
  partial.touched = now;
  ++partial.next_piece;
  if (!partial.record.oversized &&
      partial.record.bytes.size() + piece.size() > limits_.record_bytes) {
    bytes_ -= partial.record.bytes.size();
    partial.record.bytes = {};
    partial.record.oversized = true;
  }
  if (!partial.record.oversized) {
    partial.record.bytes += piece;
    bytes_ += piece.size();
  }
  if (partial.next_piece < first.pieces) {
    keep_bounds();
    return std::nullopt;
  }
  WholeRecord whole = std::move(partial.record);
  bytes_ -= whole.bytes.size();
  partials_.erase(found);
  return whole;
}

bool Assembly::begin(const WireHeader& header) {
  drop(header.producer);
  if (header.pieces == 0) return false;
  Partial& partial = partials_[header.producer];
  partial.record.header = header;
  partial.order = ++begun_;
  return true;
}

void Assembly::keep_bounds() {
  // The one begun first always gets through, so large records of many producers cannot push one
  // another out for ever.
  while (bytes_ > limits_.total_bytes && partials_.size() > 1) {
    const auto last = std::max_element(
        partials_.begin(), partials_.end(),
        [](const auto& a, const auto& b) { return a.second.order < b.second.order; });
    drop(ProducerId(last->first));
  }
}

void Assembly::drop_idle(SteadyTime before) {
  for (auto it = partials_.begin(); it != partials_.end();) {
    if (it->second.touched >= before) {
      ++it;
      continue;
    }
    bytes_ -= it->second.record.bytes.size();
    it = partials_.erase(it);
  }
}

void Assembly::drop(const ProducerId& producer) {
  const auto found = partials_.find(producer);
  if (found == partials_.end()) return;
  bytes_ -= found->second.record.bytes.size();
  partials_.erase(found);
}

}  // namespace albicilla
