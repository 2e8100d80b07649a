// Header fields as a value: order, spelling and duplicates are kept, because they are forwarded and
// logged as they came. Names compare without case (RFC 9110, 5.1).
#pragma once

#include <cstdint>
#include <cstring>
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
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  std::size_t i = 0;
  while (i + sizeof(std::uint64_t) <= size) {  // nearly always spelled alike
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    constexpr std::uint64_t kCaseBits = 0x2020202020202020U;
    if (((x ^ y) & ~kCaseBits) != 0) return false;
    if (x != y) break;
    i += sizeof x;
  }
  for (; i < size; ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// The first field of that name; the view lives as long as `headers` is unchanged.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

std::size_t count_header(const Headers& headers, std::string_view name);

// Removes every field of that name.
void remove_header(Headers& headers, std::string_view name);

}  // namespace albicilla
