// Runs of one kind of fault, one after another, each with random numbers of its own: the same seed
// and the same number make the same run again.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include "tests/fault/outcome.h"

namespace albicilla::fault {

// As many faults as there are places for them.
inline constexpr std::uint64_t kEveryOne = std::numeric_limits<std::uint64_t>::max();

struct Effort {
  std::uint64_t seed = 1;
  std::uint64_t faults = 0;  // how many are asked for
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  std::optional<std::uint64_t> only_run = {};
  bool is_sample = false;  // the short form: nothing that takes half a minute
  unsigned jobs = 1;       // runs side by side, where runs know nothing of one another
};

class Campaign {
 public:
  Campaign(std::string kind, const Effort& effort) : kind_(std::move(kind)), effort_(effort) {}

  const std::string& kind() const { return kind_; }
  bool is_sample() const { return effort_.is_sample; }
  unsigned jobs() const { return effort_.jobs; }
  // Begins the next run; false when there were faults enough or the time is up.
  bool next();
  // The same for a kind whose runs are numbered by what they do.
  bool begin(std::uint64_t number);
  std::optional<std::uint64_t> only_run() const { return effort_.only_run; }
  bool wants_every_one() const;
  // Another fault in this run? At most `in_this_run` of them.
  bool wants_more(std::uint64_t injected, std::uint64_t in_this_run) const;
  std::uint64_t number() const { return number_; }
  std::mt19937_64& random() { return random_; }
  // From `least` up to and including `most`.
  std::uint64_t random(std::uint64_t least, std::uint64_t most);

  // What one run gave, the current one or that number; says so at once on stderr.
  void add(const Outcome& outcome) { add(outcome, number_); }
  void add(const Outcome& outcome, std::uint64_t number);
  const Outcome& outcome() const { return sum_; }

 private:
  bool in_time() const { return std::chrono::steady_clock::now() < effort_.until; }

  std::string kind_;
  Effort effort_;
  std::uint64_t runs_ = 0;
  std::uint64_t number_ = 0;
  std::mt19937_64 random_;
  Outcome sum_;
};

}  // namespace albicilla::fault
