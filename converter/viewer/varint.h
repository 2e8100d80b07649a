// SQLite's numbers of variable length: seven bits a byte, high ones first, a ninth byte whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace albicilla::viewer {

inline void put_varint(std::string& out, std::uint64_t number) {
  if (number < 0x80) {
    out += static_cast<char>(number);
    return;
  }
  std::array<char, 9> bytes{};
  std::size_t at = bytes.size();
  const bool whole = number >> 56 != 0;
  if (whole) {
    bytes[--at] = static_cast<char>(number);
    number >>= 8;
  }
  for (bool last = !whole; at > 0 && (number != 0 || whole); number >>= 7, last = false) {
    bytes[--at] = static_cast<char>((number & 0x7f) | (last ? 0 : 0x80));
  }
  out.append(bytes.data() + at, bytes.size() - at);
}

// Takes one off the front; nothing when it is cut.
inline std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 9; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    number = i == 8 ? number << 8 | byte : number << 7 | (byte & 0x7fU);
    if (i == 8 || byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return number;
    }
  }
  return std::nullopt;
}

}  // namespace albicilla::viewer
