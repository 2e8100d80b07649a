// The small value syntaxes of settings: sizes, times, yes and no, comma-separated words. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace albicilla {

// Splits at commas, strips blanks, drops empty words.
std::vector<std::string> split_words(std::string_view text);

// Digits only.
std::optional<std::uint64_t> parse_count(std::string_view text);
// "4096", "64KiB", "10MB" (decimal), "4 GiB", "4G" (binary).
std::optional<std::uint64_t> parse_size(std::string_view text);
// "500ms", "10s", "10m", "1h"; a bare number is seconds.
std::optional<std::chrono::milliseconds> parse_time(std::string_view text);
// true/false/1/0/yes/no/on/off, any case.
std::optional<bool> parse_yes_no(std::string_view text);

}  // namespace albicilla
