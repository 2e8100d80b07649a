// Header fields as a value: order, spelling and duplicates are kept, because they are forwarded and
// logged as they came. Names compare without case (RFC 9110, 5.1).
#pragma once

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

// ASCII case-insensitive comparison.
bool same_name(std::string_view a, std::string_view b);

// The first field of that name; the view lives as long as `headers` is unchanged.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

std::size_t count_header(const Headers& headers, std::string_view name);

// Removes every field of that name.
void remove_header(Headers& headers, std::string_view name);

}  // namespace albicilla
