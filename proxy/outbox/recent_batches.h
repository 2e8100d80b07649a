// The bytes of the segments' ends that were written last, so that a record that is sent at once
// need not be read from its file. Bounded; what it does not hold stands in the segment. Thread
// safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "proxy/outbox/record_index.h"

namespace albicilla {

class RecentBatches {
 public:
  explicit RecentBatches(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Written at `offset` of the segment, behind everything that was put before.
  void put(std::uint32_t segment, std::uint64_t offset, std::string bytes);

  // A batch, kept alive; none when the place that was asked for is not held.
  struct Found {
    std::shared_ptr<const std::string> batch;
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;

    // Entries of one exchange often stand in one batch.
    bool holds(const EntryPlace& place) const;
    // For a place that it holds.
    std::string_view frame_at(const EntryPlace& place) const;
  };
  Found find(const EntryPlace& place) const;

 private:
  struct Written {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
    std::shared_ptr<const std::string> bytes;
  };

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::deque<Written> written_;  // by segment and offset
  std::size_t held_bytes_ = 0;
};

}  // namespace albicilla
