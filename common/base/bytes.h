// Little-endian integers and length-prefixed strings, to and from byte strings: the building blocks
// of our binary formats. Writing appends to a std::string; reading never passes the end and never
// believes a length. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace albicilla {

template <std::unsigned_integral T>
void append_integer(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
  }
}

// u32 length, then the bytes; `text` must be shorter than 4 GiB.
inline void append_string(std::string& out, std::string_view text) {
  append_integer(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Reads front to back. After the first thing that does not fit, ok() is false for good and every
// read gives zero or an empty view, so a parser may check once at its end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  // ok, and nothing is left over.
  bool finished() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  template <std::unsigned_integral T>
  T integer() {
    const std::string_view raw = bytes(sizeof(T));
    T value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value =
          static_cast<T>(value | static_cast<T>(T{static_cast<std::uint8_t>(raw[i])} << (8 * i)));
    }
    return value;
  }

  // A view into the bytes that the reader was given.
  std::string_view bytes(std::uint64_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view string() { return bytes(integer<std::uint32_t>()); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace albicilla
