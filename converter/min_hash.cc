#include "converter/min_hash.h"

#include <algorithm>
#include <array>
#include <limits>

#include "converter/reading/hash128.h"

namespace albicilla {

namespace {

constexpr std::size_t kWords = 5;
constexpr std::size_t kBands = 14;
constexpr std::size_t kRows = 8;
constexpr std::uint64_t kSeed = 1;

struct Permutation {
  std::uint64_t factor = 0;
  std::uint64_t shift = 0;
};

std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t value = state += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

std::array<Permutation, kBands * kRows> make_permutations() {
  std::array<Permutation, kBands * kRows> permutations;
  std::uint64_t state = kSeed;
  for (Permutation& permutation : permutations) {
    permutation.factor = next_random(state) | 1U;
    permutation.shift = next_random(state);
  }
  return permutations;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

std::vector<std::uint64_t> min_hash_bands(std::string_view text) {
  static const auto kPermutations = make_permutations();
  std::vector<std::uint64_t> words;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t first = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > first) words.push_back(hash_bytes(text.substr(first, at - first)).low);
  }
  std::array<std::uint64_t, kBands * kRows> least;
  least.fill(std::numeric_limits<std::uint64_t>::max());
  const std::size_t groups = words.size() < kWords ? 1 : words.size() - kWords + 1;
  for (std::size_t i = 0; i < groups; ++i) {
    Hash128 group;
    for (std::size_t j = i; j < std::min(i + kWords, words.size()); ++j) {
      group = combine(group, {words[j], 0});
    }
    for (std::size_t k = 0; k < least.size(); ++k) {
      const std::uint64_t mixed = group.low * kPermutations[k].factor + kPermutations[k].shift;
      least[k] = std::min(least[k], mixed ^ (mixed >> 29));
    }
  }
  std::vector<std::uint64_t> bands;
  for (std::size_t band = 0; band < kBands; ++band) {
    Hash128 hash{band, kSeed};
    for (std::size_t row = 0; row < kRows; ++row) {
      hash = combine(hash, {least[band * kRows + row], 0});
    }
    bands.push_back(hash.low);
  }
  return bands;
}

}  // namespace albicilla
