#include "sink/log/producer_table.h"

#include <algorithm>
#include <cstring>

namespace albicilla {

std::uint64_t exchange_mark(const ExchangeId& exchange) {
  std::uint64_t mark = 0;
  std::memcpy(&mark, exchange.bytes.data() + 8, sizeof mark);
  return mark;
}

std::optional<SeqGap> ProducerTable::gap_before(const ProducerId& producer, Seq base) const {
  const std::uint64_t next = accepted(producer).value + 1;
  if (base.value <= next) return std::nullopt;
  return SeqGap{Seq{next}, Seq{base.value - 1}};
}

Verdict ProducerTable::judge(const ProducerId& producer, Seq seq,
                             const ExchangeId& exchange) const {
  const auto found = producers_.find(producer);
  const std::uint64_t accepted = found == producers_.end() ? 0 : found->second.accepted.value;
  if (seq.value == accepted + 1) return Verdict::next;
  if (seq.value > accepted) return Verdict::ahead;
  if (found == producers_.end()) return Verdict::duplicate;  // Seq 0, which nobody sends
  const auto& recent = found->second.recent;
  const std::uint64_t age = accepted - seq.value;
  if (age >= recent.size()) return Verdict::duplicate;
  const std::uint64_t kept = recent[recent.size() - 1 - age];
  return kept == 0 || kept == exchange_mark(exchange) ? Verdict::duplicate
                                                      : Verdict::foreign_duplicate;
}

void ProducerTable::accept(const ProducerId& producer, Seq seq, const ExchangeId& exchange) {
  ProducerState& state = producers_[producer];
  if (state.retired != 0) come_back(state);
  state.accepted = seq;
  ++state.records;
  state.recent.push_back(exchange_mark(exchange));
  if (state.recent.size() > kMostRecentExchanges) state.recent.pop_front();
}

void ProducerTable::skip(const ProducerId& producer, const SeqGap& gap) {
  ProducerState& state = producers_[producer];
  if (state.retired != 0) come_back(state);
  state.accepted = gap.last;
  state.missing += gap.last.value - gap.first.value + 1;
  const std::uint64_t missing = gap.last.value - gap.first.value + 1;
  if (missing >= kMostRecentExchanges) state.recent.clear();
  for (std::uint64_t i = 0; i < missing && missing < kMostRecentExchanges; ++i) {
    state.recent.push_back(0);
    if (state.recent.size() > kMostRecentExchanges) state.recent.pop_front();
  }
}

bool ProducerTable::knows(const ExchangeId& exchange) const {
  const std::uint64_t mark = exchange_mark(exchange);
  return std::any_of(producers_.begin(), producers_.end(), [&](const auto& producer) {
    const auto& recent = producer.second.recent;
    return std::find(recent.begin(), recent.end(), mark) != recent.end();
  });
}

void ProducerTable::claim(const ProducerId& producer, std::string_view owner) {
  producers_[producer].owner = owner;
}

void ProducerTable::retire(const ProducerId& producer, std::optional<std::uint64_t> opened) {
  ProducerState& state = producers_[producer];
  if (state.retired != 0) return;
  state.retired = ++retirements_;
  state.opened = opened;
  note_retired(producer, state);
}

void ProducerTable::note_retired(const ProducerId& producer, const ProducerState& state) {
  if (state.recent.empty()) return;
  retired_.emplace(state.retired, producer);
  retired_marks_ += state.recent.size();
  while (retired_marks_ > kMostRetiredMarks) {
    std::deque<std::uint64_t>& marks = producers_[retired_.begin()->second].recent;
    retired_marks_ -= marks.size();
    std::deque<std::uint64_t>().swap(marks);
    retired_.erase(retired_.begin());
  }
}

void ProducerTable::come_back(ProducerState& state) {
  if (retired_.erase(state.retired) > 0) retired_marks_ -= state.recent.size();
  state.retired = 0;
  state.opened.reset();
}

std::string_view ProducerTable::owner(const ProducerId& producer) const {
  const auto found = producers_.find(producer);
  return found == producers_.end() ? std::string_view() : found->second.owner;
}

Seq ProducerTable::accepted(const ProducerId& producer) const {
  const auto found = producers_.find(producer);
  return found == producers_.end() ? Seq{} : found->second.accepted;
}

void ProducerTable::restore(const ProducerId& producer, ProducerState state) {
  ProducerState& restored = producers_[producer];
  restored = std::move(state);
  retirements_ = std::max(retirements_, restored.retired);
  if (restored.retired != 0) note_retired(producer, restored);
}

}  // namespace albicilla
