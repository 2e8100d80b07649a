#include "tests/fault/campaign.h"

#include <iostream>
#include <utility>

namespace albicilla::fault {
namespace {

// FNV-1a: std::hash promises nothing from one build to the next.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

}  // namespace

bool Campaign::next() {
  if (effort_.only_run) return runs_ == 0 && begin(*effort_.only_run);
  return begin(runs_);
}

bool Campaign::wants_every_one() const {
  return effort_.faults == kEveryOne &&
         effort_.until == std::chrono::steady_clock::time_point::max();
}

bool Campaign::begin(std::uint64_t number) {
  if (runs_ > 0 && (!in_time() || sum_.faults >= effort_.faults)) return false;
  ++runs_;
  number_ = number;
  std::seed_seq seed{effort_.seed, hash_of(kind_), number_};
  random_.seed(seed);
  return true;
}

bool Campaign::wants_more(std::uint64_t injected, std::uint64_t in_this_run) const {
  return injected < in_this_run && in_time() && sum_.faults + injected < effort_.faults;
}

std::uint64_t Campaign::random(std::uint64_t least, std::uint64_t most) {
  return least + random_() % (most - least + 1);
}

void Campaign::add(const Outcome& outcome, std::uint64_t number) {
  sum_.add(outcome);
  std::cerr << kind_ << " run " << number << ": " << outcome.faults << " faults, "
            << outcome.verdict.answered << " answered, "
            << (outcome.sound() ? "sound" : "NOT SOUND") << "\n";
  if (outcome.sound()) return;
  for (const std::string& problem : outcome.problems) std::cerr << "  " << problem << "\n";
  std::cerr << outcome.verdict.text() << "again: torture --kind " << kind_ << " --seed "
            << effort_.seed << " --run " << number << "\n";
}

}  // namespace albicilla::fault
