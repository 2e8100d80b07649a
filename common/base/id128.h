// 128-bit identifiers: exchange ids (UUIDv7, RFC 9562), producer ids and sink ids (random).
// Values; making one takes time and randomness as arguments, so that tests can fix both.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace albicilla {

template <class Tag>
struct Id128 {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Id128&) const = default;
  bool is_zero() const { return *this == Id128{}; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), 16}; }
};

using ExchangeId = Id128<struct ExchangeIdTag>;
using ProducerId = Id128<struct ProducerIdTag>;
using SinkId = Id128<struct SinkIdTag>;

// 16 raw bytes, else nullopt.
template <class Id>
std::optional<Id> id_from_bytes(std::string_view raw) {
  if (raw.size() != 16) return std::nullopt;
  Id id;
  std::memcpy(id.bytes.data(), raw.data(), 16);
  return id;
}

// "0190c0de-7a3b-7c11-9f00-0123456789ab"
std::string uuid_text(const std::array<std::uint8_t, 16>& bytes);
// 32 lower-case hex digits.
std::string hex_text(const std::array<std::uint8_t, 16>& bytes);
// The reverse of hex_text; nullopt for anything else.
std::optional<std::array<std::uint8_t, 16>> from_hex_text(std::string_view text);

// From the operating system's random source; thread safe; stops the process if there is none.
std::array<std::uint8_t, 16> random_bytes16();

template <class Id>
Id random_id() {
  return Id{random_bytes16()};
}

// UUIDv7: 48 bits of milliseconds in front, so ids sort by start time. Not thread safe: one per
// thread. Cheap: no system call for an id.
class ExchangeIdSource {
 public:
  ExchangeIdSource();
  ExchangeId next(WallTime now);

 private:
  std::uint64_t state_[4];
};

}  // namespace albicilla

template <class Tag>
struct std::hash<albicilla::Id128<Tag>> {
  std::size_t operator()(const albicilla::Id128<Tag>& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.bytes.data(), 16);
    return static_cast<std::size_t>(halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15ULL));
  }
};
