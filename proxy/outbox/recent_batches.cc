#include "proxy/outbox/recent_batches.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace albicilla {

void RecentBatches::put(std::uint32_t segment, std::uint64_t offset, std::string bytes) {
  std::vector<std::shared_ptr<const std::string>> dropped;  // freed after the lock
  const std::lock_guard lock(mutex_);
  held_bytes_ += bytes.size();
  written_.push_back({segment, offset, std::make_shared<const std::string>(std::move(bytes))});
  while (held_bytes_ > most_bytes_ && !written_.empty()) {
    held_bytes_ -= written_.front().bytes->size();
    dropped.push_back(std::move(written_.front().bytes));
    written_.pop_front();
  }
}

RecentBatches::Found RecentBatches::find(const EntryPlace& place) const {
  const std::lock_guard lock(mutex_);
  const auto behind = std::upper_bound(
      written_.begin(), written_.end(), place, [](const EntryPlace& wanted, const Written& batch) {
        return std::pair(std::uint64_t{wanted.segment}, std::uint64_t{wanted.offset}) <
               std::pair(std::uint64_t{batch.segment}, batch.offset);
      });
  if (behind == written_.begin()) return {};
  const Written& batch = *std::prev(behind);
  Found found{batch.bytes, batch.segment, batch.offset};
  return found.holds(place) ? found : Found{};
}

bool RecentBatches::Found::holds(const EntryPlace& place) const {
  return batch && segment == place.segment && place.offset >= offset &&
         place.offset - offset + place.bytes <= batch->size();
}

std::string_view RecentBatches::Found::frame_at(const EntryPlace& place) const {
  return std::string_view(*batch).substr(static_cast<std::size_t>(place.offset - offset),
                                         place.bytes);
}

}  // namespace albicilla
