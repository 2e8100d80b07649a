// What of one generation stands where: the entries of open exchanges, the closed records that no
// watermark covers yet, and for each segment how many of its entries are still needed. Knows
// nothing of files. Thread safe: the spool thread adds, the sender takes and acknowledges.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/base/id128.h"
#include "common/base/strong.h"
#include "common/record/spool_entry.h"

namespace albicilla {

// Where an entry's frame stands. A generation's segments count from 1.
struct EntryPlace {
  std::uint32_t segment = 0;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
  bool operator==(const EntryPlace&) const = default;
};

struct PlacedEntry {
  ExchangeId id;
  EntryType type = EntryType::part;
  std::uint32_t sink = 0;  // opened, closed, gaps
  Seq seq;                 // closed, gap_close
  EntryPlace place;
};

// Ends its exchange, or gap, and gives it its Seq?
constexpr bool closes(EntryType type) {
  return type == EntryType::closed || type == EntryType::gap_close;
}

// A closed record without an acknowledgement. Its entries in the order in which they were said.
struct HeldRecord {
  Seq seq;
  std::vector<EntryPlace> places;
  bool readable = true;  // false: a hole, which the sink has to hear of
};

struct OpenEntry {
  ExchangeId id;
  EntryPlace place;
};

class RecordIndex {
 public:
  explicit RecordIndex(std::size_t sinks) : held_(sinks) {}

  // In the order of the files.
  void add_segment(std::uint32_t segment);
  void grow_segment(std::uint32_t segment, std::uint64_t bytes);
  void add(std::span<const PlacedEntry> entries);

  // The first held record of this sink behind `after` that can be read.
  std::optional<HeldRecord> next(std::uint32_t sink, Seq after) const;
  // Lowest Seq that can be sent; one more than the highest ever added when there is none.
  Seq base(std::uint32_t sink) const;
  // All up to here is acknowledged.
  Seq acknowledged(std::uint32_t sink) const;
  // Everything that is held is a hole: only `base` can tell the sink.
  bool only_holes(std::uint32_t sink) const;
  // Highest Seq ever added; 0 when there was none.
  Seq highest(std::uint32_t sink) const;
  // How many exchanges and gaps were begun here, closed or not, also those whose segments have
  // gone; nullopt once nobody can tell.
  std::optional<std::uint64_t> begun(std::uint32_t sink) const;
  // It is told instead of counted from here on: of what only repeats other generations' entries,
  // and (nullopt) where such have gone that nobody closes here.
  void tell_begun(std::uint32_t sink, std::optional<std::uint64_t> begun);
  // Lets go of all records up to `through`; returns how many.
  std::size_t acknowledge(std::uint32_t sink, Seq through);
  // This one cannot be read: a hole that `base` carries the sink over. It is held until the sink
  // has acknowledged it, so that no crash makes it vanish without a name.
  void mark_unreadable(std::uint32_t sink, Seq seq);

  std::size_t held_records() const;
  std::size_t open_exchanges() const;
  std::vector<ExchangeId> open_ids() const;
  // Of one open exchange, in the order in which they were said; empty when it is not open.
  std::vector<EntryPlace> open_places(const ExchangeId& id) const;
  // Nothing that is open will be closed in this generation any more.
  void forget_open();

  struct GoneSegment {
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;
  };
  // Takes out the oldest segments below `current` that hold nothing needed. Oldest first, always: a
  // `closed` must not go before the `opened` that it answers.
  std::vector<GoneSegment> take_unneeded(std::uint32_t current);
  // When the oldest segment is needed by open exchanges only and `behind` it others stand below
  // `current`: their entries in it, of at most `most_bytes` (but at least one).
  std::vector<OpenEntry> pinning(std::uint32_t current, std::uint64_t most_bytes,
                                 std::uint32_t behind = 1) const;
  // This segment holds entries of records that have been acknowledged.
  bool holds_acknowledged(std::uint32_t segment) const;
  // Of the entries of open exchanges.
  std::uint64_t open_bytes() const;
  bool is_open(const ExchangeId& id) const;
  // The entry has been copied to `to`. Only for exchanges that are open.
  void move(const OpenEntry& entry, const EntryPlace& to);

  std::uint64_t bytes() const;

 private:
  struct SegmentCount {
    std::uint64_t bytes = 0;
    std::uint32_t open_entries = 0;
    std::uint32_t held_entries = 0;
    bool holds_acknowledged = false;
  };

  SegmentCount& count(std::uint32_t segment) { return segments_[segment - first_segment_]; }
  void let_go(const HeldRecord& record);
  void close(const PlacedEntry& entry);
  void count_begun(std::uint32_t sink);

  mutable std::mutex mutex_;
  std::unordered_map<ExchangeId, std::vector<EntryPlace>> open_;
  struct Held {
    std::deque<HeldRecord> records;  // by Seq
    Seq highest;
    // Among the entries that were added; of what is closed up to `highest` the rest is gone.
    std::uint64_t begun = 0;
    std::uint64_t closed = 0;
    std::optional<std::optional<std::uint64_t>> told;  // by tell_begun()
  };
  std::vector<Held> held_;  // by sink
  std::deque<SegmentCount> segments_;
  std::uint32_t first_segment_ = 1;
};

}  // namespace albicilla
