#include "proxy/config/words.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace albicilla {

namespace {

std::string_view stripped(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

using Unit = std::pair<std::string_view, std::uint64_t>;

// A whole number, blanks, one of the units; nullopt on anything else and on overflow.
template <std::size_t N>
std::optional<std::uint64_t> with_unit(std::string_view text, const std::array<Unit, N>& units) {
  text = stripped(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::string unit = lower(stripped(text));
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

constexpr std::uint64_t kKibi = 1024;
constexpr std::array<Unit, 14> kSizes = {{{"", 1},
                                          {"b", 1},
                                          {"k", kKibi},
                                          {"kib", kKibi},
                                          {"kb", 1000},
                                          {"m", kKibi* kKibi},
                                          {"mib", kKibi* kKibi},
                                          {"mb", 1000'000},
                                          {"g", kKibi* kKibi* kKibi},
                                          {"gib", kKibi* kKibi* kKibi},
                                          {"gb", 1000'000'000},
                                          {"t", kKibi* kKibi* kKibi* kKibi},
                                          {"tib", kKibi* kKibi* kKibi* kKibi},
                                          {"tb", 1000'000'000'000}}};
constexpr std::array<Unit, 6> kTimes = {
    {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}}};

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = stripped(text.substr(0, comma));
    if (!word.empty()) words.emplace_back(word);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return words;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return with_unit(text, std::array<Unit, 1>{{{"", 1}}});
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return with_unit(text, kSizes); }

std::optional<std::chrono::milliseconds> parse_time(std::string_view text) {
  const auto milliseconds = with_unit(text, kTimes);
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

std::optional<bool> parse_yes_no(std::string_view text) {
  const std::string word = lower(stripped(text));
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return std::nullopt;
}

}  // namespace albicilla
