#include "tests/fault/outcome.h"

#include <algorithm>

namespace albicilla::fault {
namespace {

template <class Value>
void append(std::vector<Value>& all, const std::vector<Value>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

void add_counts(Verdict& sum, const Verdict& more) {
  sum.requests += more.requests;
  sum.answered += more.answered;
  sum.refused += more.refused;
  sum.interrupted += more.interrupted;
  sum.lines += more.lines;
  sum.lost += more.lost;
  sum.duplicate += more.duplicate;
  sum.corrupt += more.corrupt;
  sum.phantom += more.phantom;
  append(sum.findings, more.findings);
}

}  // namespace

bool Outcome::sound() const {
  if (!problems.empty()) return false;
  if (!may_have_gaps) return verdict.sound() && gaps.lines == 0;
  return verdict.duplicate + verdict.phantom == 0 && gaps.cover(verdict.lost + verdict.corrupt);
}

void Outcome::add(const Outcome& other) {
  runs += other.runs;
  faults += other.faults;
  verified += other.verified;
  compared += other.compared;
  add_counts(verdict, other.verdict);
  gaps.lines += other.gaps.lines;
  gaps.exchanges += other.gaps.exchanges;
  gaps.unknown += other.gaps.unknown;
  gaps.repeats += other.gaps.repeats;
  may_have_gaps = may_have_gaps || other.may_have_gaps;
  append(recoveries, other.recoveries);
  append(problems, other.problems);
  for (const std::string& note : other.notes) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
  }
}

}  // namespace albicilla::fault
