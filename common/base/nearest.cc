#include "common/base/nearest.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace albicilla {

namespace {

// How many single-character changes turn one word into the other (Levenshtein), one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substitute}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view wanted, std::span<const std::string> known) {
  constexpr std::size_t kLongest = 64;
  if (wanted.size() > kLongest) return {};
  std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  std::string best;
  for (const std::string& name : known) {
    const std::size_t d = distance(wanted, name);
    if (d < best_distance) {
      best_distance = d;
      best = name;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string> known) {
  const std::string nearest = nearest_name(wanted, known);
  return nearest.empty() ? "" : ", did you mean " + nearest + "?";
}

}  // namespace albicilla
