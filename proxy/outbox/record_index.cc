#include "proxy/outbox/record_index.h"

#include <algorithm>
#include <utility>

namespace albicilla {

namespace {

template <class Records>
auto first_behind(Records& records, Seq after) {
  return std::upper_bound(records.begin(), records.end(), after,
                          [](Seq seq, const HeldRecord& record) { return seq < record.seq; });
}

bool is_readable(const HeldRecord& record) { return record.readable; }

}  // namespace

void RecordIndex::add_segment(std::uint32_t segment) {
  const std::lock_guard lock(mutex_);
  if (segments_.empty()) first_segment_ = segment;
  // A number that is missing on the disk counts as an empty segment.
  while (first_segment_ + segments_.size() <= segment) segments_.emplace_back();
}

void RecordIndex::grow_segment(std::uint32_t segment, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  count(segment).bytes += bytes;
}

void RecordIndex::add(std::span<const PlacedEntry> entries) {
  const std::lock_guard lock(mutex_);
  for (const PlacedEntry& entry : entries) {
    if (closes(entry.type)) {
      close(entry);
    } else {
      std::vector<EntryPlace>& places = open_[entry.id];
      if (places.empty()) count_begun(entry.sink);
      places.push_back(entry.place);
      ++count(entry.place.segment).open_entries;
    }
  }
}

void RecordIndex::close(const PlacedEntry& entry) {
  HeldRecord record{entry.seq, {}, true};
  bool begins_elsewhere = true;
  if (const auto found = open_.find(entry.id); found != open_.end()) {
    record.places = std::move(found->second);
    open_.erase(found);
    begins_elsewhere = false;
  }
  for (const EntryPlace& place : record.places) {
    --count(place.segment).open_entries;
    ++count(place.segment).held_entries;
  }
  record.places.push_back(entry.place);
  ++count(entry.place.segment).held_entries;
  if (entry.sink >= held_.size() || entry.seq <= held_[entry.sink].highest) {
    let_go(record);  // only damage numbers a record twice or for a sink that is not there
    return;
  }
  if (begins_elsewhere) count_begun(entry.sink);
  ++held_[entry.sink].closed;
  held_[entry.sink].highest = entry.seq;
  held_[entry.sink].records.push_back(std::move(record));
}

void RecordIndex::count_begun(std::uint32_t sink) {
  if (sink < held_.size()) ++held_[sink].begun;
}

void RecordIndex::let_go(const HeldRecord& record) {
  for (const EntryPlace& place : record.places) {
    --count(place.segment).held_entries;
    count(place.segment).holds_acknowledged = true;
  }
}

std::optional<HeldRecord> RecordIndex::next(std::uint32_t sink, Seq after) const {
  const std::lock_guard lock(mutex_);
  const auto& records = held_[sink].records;
  const auto found = std::find_if(first_behind(records, after), records.end(), is_readable);
  if (found == records.end()) return std::nullopt;
  return *found;
}

Seq RecordIndex::base(std::uint32_t sink) const {
  const std::lock_guard lock(mutex_);
  const Held& held = held_[sink];
  const auto first = std::find_if(held.records.begin(), held.records.end(), is_readable);
  return first == held.records.end() ? Seq{held.highest.value + 1} : first->seq;
}

Seq RecordIndex::acknowledged(std::uint32_t sink) const {
  const std::lock_guard lock(mutex_);
  const Held& held = held_[sink];
  return held.records.empty() ? held.highest : Seq{held.records.front().seq.value - 1};
}

bool RecordIndex::only_holes(std::uint32_t sink) const {
  const std::lock_guard lock(mutex_);
  const auto& records = held_[sink].records;
  return !records.empty() && std::none_of(records.begin(), records.end(), is_readable);
}

Seq RecordIndex::highest(std::uint32_t sink) const {
  const std::lock_guard lock(mutex_);
  return held_[sink].highest;
}

std::optional<std::uint64_t> RecordIndex::begun(std::uint32_t sink) const {
  const std::lock_guard lock(mutex_);
  const Held& held = held_[sink];
  if (held.told) return *held.told;
  return held.begun + held.highest.value - held.closed;
}

void RecordIndex::tell_begun(std::uint32_t sink, std::optional<std::uint64_t> begun) {
  const std::lock_guard lock(mutex_);
  held_[sink].told = begun;
}

std::size_t RecordIndex::acknowledge(std::uint32_t sink, Seq through) {
  const std::lock_guard lock(mutex_);
  auto& records = held_[sink].records;
  std::size_t gone = 0;
  while (!records.empty() && records.front().seq <= through) {
    let_go(records.front());
    records.pop_front();
    ++gone;
  }
  return gone;
}

void RecordIndex::mark_unreadable(std::uint32_t sink, Seq seq) {
  const std::lock_guard lock(mutex_);
  auto& records = held_[sink].records;
  const auto found = first_behind(records, Seq{seq.value - 1});
  if (found != records.end() && found->seq == seq) found->readable = false;
}

std::size_t RecordIndex::held_records() const {
  const std::lock_guard lock(mutex_);
  std::size_t records = 0;
  for (const Held& held : held_) records += held.records.size();
  return records;
}

std::size_t RecordIndex::open_exchanges() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

std::vector<ExchangeId> RecordIndex::open_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<ExchangeId> ids;
  ids.reserve(open_.size());
  for (const auto& [id, places] : open_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());  // ids sort by start time
  return ids;
}

std::vector<EntryPlace> RecordIndex::open_places(const ExchangeId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  return found == open_.end() ? std::vector<EntryPlace>{} : found->second;
}

void RecordIndex::forget_open() {
  const std::lock_guard lock(mutex_);
  open_.clear();
  for (SegmentCount& segment : segments_) segment.open_entries = 0;
}

std::vector<RecordIndex::GoneSegment> RecordIndex::take_unneeded(std::uint32_t current) {
  const std::lock_guard lock(mutex_);
  std::vector<GoneSegment> gone;
  while (!segments_.empty() && first_segment_ < current) {
    const SegmentCount& oldest = segments_.front();
    if (oldest.open_entries > 0 || oldest.held_entries > 0) break;
    gone.push_back({first_segment_, oldest.bytes});
    segments_.pop_front();
    ++first_segment_;
  }
  return gone;
}

bool RecordIndex::holds_acknowledged(std::uint32_t segment) const {
  const std::lock_guard lock(mutex_);
  const bool known = segment >= first_segment_ && segment - first_segment_ < segments_.size();
  return known && segments_[segment - first_segment_].holds_acknowledged;
}

std::uint64_t RecordIndex::open_bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& [id, places] : open_) {
    for (const EntryPlace& place : places) bytes += place.bytes;
  }
  return bytes;
}

// By default a single segment below the current one holds back nothing but itself.
std::vector<OpenEntry> RecordIndex::pinning(std::uint32_t current, std::uint64_t most_bytes,
                                            std::uint32_t behind) const {
  const std::lock_guard lock(mutex_);
  std::vector<OpenEntry> entries;
  if (segments_.empty() || first_segment_ + behind >= current) return entries;
  if (segments_.front().held_entries > 0) return entries;
  std::uint64_t bytes = 0;
  for (const auto& [id, places] : open_) {
    for (const EntryPlace& place : places) {
      if (place.segment != first_segment_) continue;
      bytes += place.bytes;
      if (bytes > most_bytes && !entries.empty()) return entries;
      entries.push_back({id, place});
    }
  }
  return entries;
}

bool RecordIndex::is_open(const ExchangeId& id) const {
  const std::lock_guard lock(mutex_);
  return open_.contains(id);
}

void RecordIndex::move(const OpenEntry& entry, const EntryPlace& to) {
  const std::lock_guard lock(mutex_);
  const auto exchange = open_.find(entry.id);
  if (exchange == open_.end()) return;
  const auto place = std::find(exchange->second.begin(), exchange->second.end(), entry.place);
  if (place == exchange->second.end()) return;
  --count(place->segment).open_entries;
  ++count(to.segment).open_entries;
  *place = to;
}

std::uint64_t RecordIndex::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const SegmentCount& segment : segments_) bytes += segment.bytes;
  return bytes;
}

}  // namespace albicilla
