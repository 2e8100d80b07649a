#include "converter/verify/diagnosis.h"

#include <algorithm>
#include <map>

#include "common/chain/tombstone.h"

namespace albicilla {

void Diagnosis::take(const Line& line) {
  if (line.text.empty()) return;  // stands where lines were lost; those are reported as gone
  Entry entry;
  entry.line = line.number;
  if (const auto split = line.whole ? split_chained_line(line.text) : std::nullopt) {
    entry.head = split->head;
    entry.digest = line_digest(split->chained, name_, split->head.n);
  }
  entries_.push_back(entry);
}

void Diagnosis::link() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.head.n == 0) continue;
    const auto same = by_number_.equal_range(entry.head.n);
    entry.copied = std::any_of(same.first, same.second, [&](const auto& other) {
      return entries_[other.second].head == entry.head &&
             entries_[other.second].digest == entry.digest;
    });
    if (!entry.copied) by_number_.emplace(entry.head.n, i);
  }
  const ChainHead start = chain_start(name_);
  for (Entry& entry : entries_) {
    if (entry.head.n == 0) continue;
    if (entry.head.n == 1) {
      entry.follows = chain_next(start, entry.digest) == entry.head;
      continue;
    }
    const auto before = by_number_.equal_range(entry.head.n - 1);
    entry.follows = std::any_of(before.first, before.second, [&](const auto& other) {
      return chain_next(entries_[other.second].head, entry.digest) == entry.head;
    });
  }
}

bool Diagnosis::has_successor(const Entry& entry) const {
  const auto after = by_number_.equal_range(entry.head.n + 1);
  return std::any_of(after.first, after.second, [&](const auto& other) {
    const Entry& next = entries_[other.second];
    return chain_next(entry.head, next.digest) == next.head;
  });
}

void Diagnosis::report(const std::optional<ManifestFile>& signed_state, const ReportFault& report) {
  const ReportFault counted = [&](const LogFault& fault) {
    ++faults_;
    report(fault);
  };
  link();
  report_lines(counted);
  report_order(counted);
  report_numbers(signed_state, counted);
  if (faults_ > 0 || !signed_state) return;
  // The chain holds, but it is not the one that was signed.
  say(report, FaultKind::edit, 0,
      "its first " + std::to_string(signed_state->lines) + " lines were written anew");
}

// Whether the lines around it join without it: then it was put between them.
bool Diagnosis::neighbours_join(std::size_t at) const {
  ChainHead before = chain_start(name_);
  for (std::size_t i = at; i > 0; --i) {
    if (entries_[i - 1].copied) continue;
    before = entries_[i - 1].head;
    break;
  }
  return at + 1 < entries_.size() && entries_[at + 1].head.n == before.n + 1 &&
         chain_next(before, entries_[at + 1].digest) == entries_[at + 1].head;
}

void Diagnosis::report_lines(const ReportFault& report) {
  for (std::size_t at = 0; at < entries_.size(); ++at) {
    Entry& entry = entries_[at];
    if (entry.copied) {
      say(report, FaultKind::insert, entry.line, "a copy of line " + std::to_string(entry.head.n));
      continue;
    }
    if (entry.head.n == 0) {
      entry.copied = neighbours_join(at);
      say(report, entry.copied ? FaultKind::insert : FaultKind::edit, entry.line,
          "it does not end in a chain");
      continue;
    }
    if (entry.follows) continue;
    // Without its predecessor a line cannot be tried; that one is reported as deleted.
    const bool alone = entry.head.n > 1 && !by_number_.contains(entry.head.n - 1);
    const auto same = by_number_.equal_range(entry.head.n);
    const bool taken = std::any_of(same.first, same.second, [&](const auto& other) {
      return entries_[other.second].line != entry.line && entries_[other.second].follows;
    });
    if (!has_successor(entry) && ((taken && !alone) || neighbours_join(at))) {
      say(report, FaultKind::insert, entry.line,
          "it is not line " + std::to_string(entry.head.n) + " of this file");
      entry.copied = true;  // it has no place in the order
    } else if (!alone) {
      say(report, FaultKind::edit, entry.line, "its content is not what its chain says");
    }
  }
}

void Diagnosis::report_order(const ReportFault& report) {
  std::uint64_t highest = 0;
  for (const Entry& entry : entries_) {
    if (entry.head.n == 0 || entry.copied) continue;
    if (entry.head.n < highest) {
      say(report, FaultKind::reorder, entry.line,
          "line " + std::to_string(entry.head.n) + " stands behind line " +
              std::to_string(highest));
    }
    highest = std::max(highest, entry.head.n);
  }
}

void Diagnosis::report_numbers(const std::optional<ManifestFile>& signed_state,
                               const ReportFault& report) {
  std::map<std::uint64_t, std::uint64_t> numbers;  // of lines, and where they stand
  std::uint64_t unreadable = 0;
  for (const Entry& entry : entries_) {
    if (entry.head.n == 0 && !entry.copied) ++unreadable;
    if (entry.head.n != 0 && !entry.copied) numbers.emplace(entry.head.n, entry.line);
  }
  std::uint64_t next = 1;
  for (const auto& [number, line] : numbers) {
    // A line whose chain was damaged has no number; it accounts for one that is not there.
    const std::uint64_t lacking = number - next;
    if (lacking > unreadable) {
      say(report, FaultKind::delete_, line,
          "lines " + std::to_string(next) + " to " + std::to_string(number - 1) +
              " are gone before it");
      unreadable = 0;
    } else {
      unreadable -= lacking;
    }
    next = number + 1;
  }
  if (signed_state && signed_state->lines >= next + unreadable) {
    say(report, FaultKind::truncate, 0,
        "it ends with line " + std::to_string(next - 1) + ", line " +
            std::to_string(signed_state->lines) + " was signed");
  }
}

}  // namespace albicilla
