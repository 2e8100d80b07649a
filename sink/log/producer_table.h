// The accept rule: which Seq of a producer comes next, what is a duplicate, what is lost for good.
// Pure decisions over what was accepted so far. Not thread safe; the sink loop owns it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/id128.h"
#include "common/base/strong.h"

namespace albicilla {

// How many exchange ids of a producer are kept, to tell an honest resend from two exchanges that
// claim one Seq.
inline constexpr std::size_t kMostRecentExchanges = 65536;
// Of all producers that have retired together. Only a spool that was restored from an old copy asks
// for those of a retired one, so the first to retire lose theirs first.
inline constexpr std::size_t kMostRetiredMarks = std::size_t{16} * kMostRecentExchanges;

enum class Verdict {
  next,               // take it in
  duplicate,          // already accepted: drop it
  foreign_duplicate,  // its Seq was accepted with another exchange id: quarantine it
  ahead,              // a record before it is missing: drop it, the resend brings both
};

// Seqs from `first` to `last` that the producer no longer holds and that never came.
struct SeqGap {
  Seq first;
  Seq last;
  bool operator==(const SeqGap&) const = default;
};

// What is kept of an exchange id: its random half. 0 stands for an unknown one.
std::uint64_t exchange_mark(const ExchangeId& exchange);

struct ProducerState {
  Seq accepted;               // highest contiguous Seq taken in or given up as a gap
  std::uint64_t records = 0;  // taken in
  std::uint64_t missing = 0;  // given up
  std::string owner;          // the worker's name that it belongs to; empty: nobody's yet
  std::uint64_t retired = 0;  // its place among those that have retired; 0: it has not
  std::optional<std::uint64_t> opened = std::nullopt;  // of those: exchanges that it had begun
  std::deque<std::uint64_t> recent;  // exchange marks of the Seqs up to `accepted`
};

class ProducerTable {
 public:
  // The gap that `base`, the lowest Seq that the producer still holds, shows. Where there is one,
  // skip() it before judging a record.
  std::optional<SeqGap> gap_before(const ProducerId& producer, Seq base) const;
  Verdict judge(const ProducerId& producer, Seq seq, const ExchangeId& exchange) const;

  // `seq` must be the producer's next one.
  void accept(const ProducerId& producer, Seq seq, const ExchangeId& exchange);
  void skip(const ProducerId& producer, const SeqGap& gap);

  void claim(const ProducerId& producer, std::string_view owner);
  // Nothing of it is expected any more; how far it came is kept for ever.
  void retire(const ProducerId& producer, std::optional<std::uint64_t> opened = std::nullopt);

  Seq accepted(const ProducerId& producer) const;
  // Is it among the recent exchanges of any producer? Walks through all of them.
  bool knows(const ExchangeId& exchange) const;
  // Empty for a producer that belongs to nobody yet.
  std::string_view owner(const ProducerId& producer) const;
  const std::unordered_map<ProducerId, ProducerState>& all() const { return producers_; }
  void restore(const ProducerId& producer, ProducerState state);

 private:
  void note_retired(const ProducerId& producer, const ProducerState& state);
  void come_back(ProducerState& state);

  std::unordered_map<ProducerId, ProducerState> producers_;
  std::map<std::uint64_t, ProducerId> retired_;  // with marks, the first to retire in front
  std::size_t retired_marks_ = 0;
  std::uint64_t retirements_ = 0;
};

}  // namespace albicilla
