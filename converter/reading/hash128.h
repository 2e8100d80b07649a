// A fast 128-bit hash for finding equal texts: distinct messages, items, prefixes, rows. Not meant
// to resist a forger (the log's own chain does): whoever makes two messages collide mixes up their
// own conversation only. The values are part of no file's integrity but they do appear in metadata,
// so they are the same on every machine and in every version.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace albicilla {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

Hash128 hash_bytes(std::string_view bytes, std::uint64_t seed = 0);

// Order matters: combine(a, b) is not combine(b, a).
Hash128 combine(const Hash128& first, const Hash128& second);

// 32 lower-case hex digits.
inline constexpr std::size_t kHexSize = 32;
void put_hex(char* into, const Hash128& hash);
void append_hex(std::string& out, const Hash128& hash);
std::string hex_text(const Hash128& hash);

}  // namespace albicilla

template <>
struct std::hash<albicilla::Hash128> {
  std::size_t operator()(const albicilla::Hash128& value) const noexcept {
    return static_cast<std::size_t>(value.low);
  }
};
