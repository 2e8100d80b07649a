// Fields of a spool entry's payload, one after another: numbers as LEB128 varints, times as zigzag
// varints, texts as length and bytes, ids as 16 bytes. FORMAT.md says which stand where.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/id128.h"
#include "common/http/headers.h"

namespace albicilla {

class PayloadWriter {
 public:
  explicit PayloadWriter(std::string& out) : out_(out) {}

  void number(std::uint64_t value) {
    if (value < 0x80) return out_.push_back(static_cast<char>(value));
    char bytes[10];
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    out_.append(bytes, size);
  }
  void boolean(bool value) { out_.push_back(value ? '\1' : '\0'); }
  void microseconds(Microseconds value) {
    const auto bits = static_cast<std::uint64_t>(value.count());
    number((bits << 1) ^ (value.count() < 0 ? ~std::uint64_t{0} : 0));
  }
  void time(WallTime value) { microseconds(value.time_since_epoch()); }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }
  template <class Tag>
  void id(const Id128<Tag>& value) {
    out_.append(value.view());
  }
  void headers(const Headers& fields) {
    number(fields.size());
    for (const Header& field : fields) {
      text(field.name);
      text(field.value);
    }
  }

 private:
  std::string& out_;
};

// Reads the same back; after the first field that does not fit every read gives an empty value and
// good() is false.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view bytes) : bytes_(bytes) {}

  bool good() const { return good_; }
  bool complete() const { return good_ && bytes_.empty(); }
  std::string_view rest() { return take(bytes_.size()); }

  template <class T>
  T number() {
    const std::uint64_t value = varint();
    if (static_cast<std::uint64_t>(static_cast<T>(value)) != value) good_ = false;
    return good_ ? static_cast<T>(value) : T{};
  }
  // For enums: anything above `most` does not fit.
  template <class Enum>
  Enum word(Enum most) {
    const auto value = number<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(most)) good_ = false;
    return good_ ? static_cast<Enum>(value) : Enum{};
  }
  bool boolean() {
    const auto value = number<std::uint8_t>();
    if (value > 1) good_ = false;
    return good_ && value == 1;
  }
  Microseconds microseconds() {
    const std::uint64_t bits = varint();
    const std::uint64_t value = (bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0);
    return Microseconds(static_cast<std::int64_t>(value));
  }
  WallTime time() { return WallTime(microseconds()); }
  std::string text() { return std::string(take(number<std::size_t>())); }
  template <class Id>
  Id id() {
    const std::string_view raw = take(16);
    Id value;
    if (raw.size() == 16) std::memcpy(value.bytes.data(), raw.data(), 16);
    return value;
  }
  Headers headers() {
    const auto count = number<std::size_t>();
    if (count > bytes_.size() / 2) good_ = false;  // each takes two bytes at least
    Headers fields;
    if (!good_) return fields;
    fields.reserve(count);
    for (std::size_t i = 0; i < count && good_; ++i) {
      Header& field = fields.emplace_back();
      field.name = text();
      field.value = text();
    }
    return fields;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) good_ = false;
    if (!good_) return {};
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) {
        if (shift == 63 && byte > 1) break;
        return good_ ? value : 0;
      }
    }
    good_ = false;
    return 0;
  }

  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace albicilla
