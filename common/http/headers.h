// Header fields as a value: order, spelling and duplicates are kept, because they are forwarded and
// logged as they came. Names compare without case (RFC 9110, 5.1).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace albicilla {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

using Headers = std::vector<Header>;

// In lower case (ASCII), as canonical forms want it.
std::string lower_name(std::string_view name);

// ASCII case-insensitive comparison. Here, because every field of every message is looked up with
// it.
inline bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
           return x == y || lower(x) == lower(y);
         });
}

// The first field of that name; the view lives as long as `headers` is unchanged.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

std::size_t count_header(const Headers& headers, std::string_view name);

// Removes every field of that name.
void remove_header(Headers& headers, std::string_view name);

}  // namespace albicilla
