#include "converter/verify/ledger.h"

#include <algorithm>
#include <initializer_list>

#include "common/chain/tombstone.h"
#include "common/json/walk.h"
#include "common/record/log_line.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostHoles = 1000;
// A gap over more records than this is no gap of ours: counting it would take for ever.
constexpr std::uint64_t kMostGap = std::uint64_t{1} << 33;

}  // namespace

bool Ledger::count(std::string_view line, const Place& place, const ReportFault& report) {
  const bool erased = is_tombstone(line);
  const auto view = view_line(line);
  if (!view) return false;
  if (view->exchange.empty() && !erased) {
    return count_gap(json_first_member(line, "gap"), place, report);
  }
  const std::string_view object = erased ? json_first_member(line, "tombstone") : view->exchange;
  const auto id = from_hex_text(json_inside(json_first_member(object, "producer")));
  const auto seq = json_count(json_first_member(object, "seq"));
  if (!id || !seq || *seq == 0) return false;
  Account& account = accounts_[ProducerId{*id}];
  ++account.written;
  if (erased) ++account.erased;
  if (account.seqs.add(Seq{*seq})) return true;
  ++account.duplicates;
  report({FaultKind::duplicate, std::string(place.file), place.line,
          "seq " + std::to_string(*seq) + " of producer " + hex_text(*id) +
              " stands in the log twice"});
  return true;
}

bool Ledger::count_gap(std::string_view gap, const Place& place, const ReportFault& report) {
  const auto id = from_hex_text(json_inside(json_first_member(gap, "producer")));
  const auto from = json_count(json_first_member(gap, "from"));
  const auto to = json_count(json_first_member(gap, "to"));
  if (!id || !from || !to || *from == 0 || *to < *from || *to - *from >= kMostGap) return false;
  Account& account = accounts_[ProducerId{*id}];
  for (std::uint64_t seq = *from; seq <= *to; ++seq) {
    if (account.seqs.add(Seq{seq})) ++account.lost;
  }
  report({FaultKind::gap, std::string(place.file), place.line,
          "records " + std::to_string(*from) + " to " + std::to_string(*to) + " of producer " +
              hex_text(*id) + " are lost"});
  return true;
}

void Ledger::note_mark(const ProducerMark& mark) {
  Account& account = accounts_[mark.producer];
  // Of days that were open together a later mark may be read first. One that came back has more.
  if (mark.accepted < account.acknowledged) return;
  if (mark.accepted > account.acknowledged || mark.ended) account.ended = mark.ended;
  account.acknowledged = mark.accepted;
}

void Ledger::note_removed(const ProducerMark& mark) {
  Account& account = accounts_[mark.producer];
  account.removed = std::max(account.removed, mark.accepted);
  account.removed_gaps = std::max(account.removed_gaps, mark.missing);
}

void Ledger::find_missing(const ReportFault& report) const {
  for (const auto& [producer, account] : accounts_) {
    const Seq last = std::max(account.acknowledged, account.seqs.highest());
    if (account.ended && account.ended->closed != account.acknowledged.value) {
      report({FaultKind::missing, "", 0,
              "producer " + hex_text(producer.bytes) + " has closed " +
                  std::to_string(account.ended->closed) + " records, acknowledged were " +
                  std::to_string(account.acknowledged.value)});
    }
    std::size_t said = 0;
    for (SeqRange hole : account.seqs.holes(last, SIZE_MAX)) {
      hole.first = std::max(hole.first, Seq{account.removed.value + 1});
      if (hole.last < hole.first) continue;
      if (++said > kMostHoles) break;
      report({FaultKind::missing, "", 0,
              "records " + std::to_string(hole.first.value) + " to " +
                  std::to_string(hole.last.value) + " of producer " + hex_text(producer.bytes) +
                  " were acknowledged and stand in no file"});
    }
  }
}

std::uint64_t Ledger::written() const {
  std::uint64_t sum = 0;
  for (const auto& [producer, account] : accounts_) sum += account.written;
  return sum;
}

std::uint64_t Ledger::lost() const {
  std::uint64_t sum = 0;
  for (const auto& [producer, account] : accounts_) sum += account.lost;
  return sum;
}

std::uint64_t Ledger::erased() const {
  std::uint64_t sum = 0;
  for (const auto& [producer, account] : accounts_) sum += account.erased;
  return sum;
}

std::uint64_t Ledger::removed() const {
  std::uint64_t sum = 0;
  for (const auto& [producer, account] : accounts_) {
    std::uint64_t holes = 0;
    for (const SeqRange& hole : account.seqs.holes(account.removed, SIZE_MAX)) {
      holes += hole.last.value - hole.first.value + 1;
    }
    sum += holes - std::min(holes, account.removed_gaps);
  }
  return sum;
}

Ledger::Ended Ledger::ended() const {
  Ended sum;
  for (const auto& [producer, account] : accounts_) {
    if (!account.ended || !account.ended->opened) continue;
    ++sum.producers;
    sum.opened += *account.ended->opened;
    sum.closed += account.ended->closed;
  }
  return sum;
}

// What nobody has said yet is a dash: how much a producer has opened, only its end says.
std::string Ledger::text() const {
  std::string text =
      "producer                         acknowledged    written       lost  duplicates     opened "
      "    closed\n";
  const auto row = [&text](const std::string& name, std::initializer_list<std::string> values) {
    text += name;
    constexpr std::size_t kWidths[] = {13, 11, 11, 12, 11, 11};
    const std::size_t* width = kWidths;
    for (const std::string& value : values) {
      text.append(*width > value.size() ? *width - value.size() : 1, ' ').append(value);
      ++width;
    }
    text += "\n";
  };
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  std::uint64_t acknowledged = 0;
  std::uint64_t duplicates = 0;
  for (const auto& [producer, account] : accounts_) {
    const Seq last = std::max(account.acknowledged, account.seqs.highest());
    const auto& totals = account.ended;
    row(hex_text(producer.bytes),
        {number(last.value), number(account.written), number(account.lost),
         number(account.duplicates), totals && totals->opened ? number(*totals->opened) : "-",
         totals ? number(totals->closed) : "-"});
    acknowledged += last.value;
    duplicates += account.duplicates;
  }
  const Ended sum = ended();
  row("all" + std::string(29, ' '), {number(acknowledged), number(written()), number(lost()),
                                     number(duplicates), number(sum.opened), number(sum.closed)});
  return text;
}

}  // namespace albicilla
