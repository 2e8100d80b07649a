// Entries on their way to the spool: their frames in one buffer, which is written with one call,
// and what the index needs to know of each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/io/entry.h"
#include "common/record/spool_entry.h"

namespace albicilla {

struct BatchEntry {
  ExchangeId id;
  EntryType type = EntryType::part;
  std::uint32_t sink = 0;  // opened, closed, gaps
  Seq seq;                 // closed, gap_close
  std::size_t offset = 0;  // in the buffer
  std::size_t bytes = 0;
};

class Batch {
 public:
  void opened(const OpenedFacts& facts) {
    add(facts.id, EntryType::opened, [&] { append_opened(bytes_, facts); });
    entries_.back().sink = facts.sink;
  }
  void part(const PartFacts& facts, std::string_view body) {
    add(facts.id, EntryType::part, [&] { append_part(bytes_, facts, body); });
  }
  void answered(const AnsweredFacts& facts) {
    add(facts.id, EntryType::answered, [&] { append_answered(bytes_, facts); });
  }
  // facts.seq is ignored.
  void closed(const ClosedFacts& facts, Seq seq) {
    add(facts.id, EntryType::closed, [&] { append_closed(bytes_, facts, seq); });
    entries_.back().sink = facts.sink;
    entries_.back().seq = seq;
  }

  void gap_open(const GapFacts& facts) {
    add(facts.id, EntryType::gap_open, [&] { append_gap_open(bytes_, facts); });
    entries_.back().sink = facts.sink;
  }
  void gap_close(const GapFacts& facts, Seq seq) {
    add(facts.id, EntryType::gap_close, [&] { append_gap_close(bytes_, facts, seq); });
    entries_.back().sink = facts.sink;
    entries_.back().seq = seq;
  }

  // A payload that stood in a segment already.
  void entry(const ExchangeId& id, EntryType type, std::string_view payload) {
    add(id, type, [&] { append_entry(bytes_, static_cast<std::uint8_t>(type), payload); });
  }

  bool empty() const { return entries_.empty(); }
  const std::string& bytes() const { return bytes_; }
  const std::vector<BatchEntry>& entries() const { return entries_; }

  // Empties the batch; the buffer is handed out, for whoever wants to keep the bytes.
  std::string take_bytes() {
    entries_.clear();
    return std::exchange(bytes_, {});
  }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  void clear() {
    entries_.clear();
    bytes_.clear();
  }

 private:
  template <class Append>
  void add(const ExchangeId& id, EntryType type, Append append) {
    BatchEntry& entry = entries_.emplace_back();
    entry.id = id;
    entry.type = type;
    entry.offset = bytes_.size();
    append();
    entry.bytes = bytes_.size() - entry.offset;
  }

  std::string bytes_;
  std::vector<BatchEntry> entries_;
};

}  // namespace albicilla
