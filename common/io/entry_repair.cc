#include "common/io/entry_repair.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "common/base/crc32c.h"
#include "common/io/entry.h"

namespace albicilla {

namespace {

constexpr std::size_t kPrefixBytes = 8;  // length and crc
constexpr std::uint32_t kPolynomial = 0x82F63B78;

std::uint32_t after_zero_byte(std::uint32_t crc) {
  for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
  return crc;
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = (value << 8) | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return value;
}

void put_u32(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>((value >> (8 * i)) & 0xFF);
}

// Flips back the one bit of `covered` that changes its crc by `difference`.
bool flip_back(std::string& frame, std::uint32_t difference) {
  // What a flip of each bit of the last byte does to the crc; one byte more behind it is one more
  // step of the register.
  std::array<std::uint32_t, 8> effects{};
  for (std::size_t bit = 0; bit < 8; ++bit) effects[bit] = after_zero_byte(1U << bit);
  for (std::size_t at = frame.size(); at-- > kPrefixBytes;) {
    for (std::size_t bit = 0; bit < 8; ++bit) {
      if (effects[bit] == difference) {
        frame[at] = static_cast<char>(static_cast<std::uint8_t>(frame[at]) ^ (1U << bit));
        return true;
      }
      effects[bit] = after_zero_byte(effects[bit]);
    }
  }
  return false;
}

bool begins_like_entry(std::string_view bytes) {
  if (bytes.size() < kEntryHeaderBytes) return false;
  const std::size_t length = u32_at(bytes, 0);
  return length > 0 && length <= kMostEntryBytes;
}

}  // namespace

std::optional<std::string> repair_frame(std::string_view frame) {
  if (frame.size() < kEntryHeaderBytes || frame.size() > kPrefixBytes + kMostEntryBytes) {
    return std::nullopt;
  }
  std::string repaired(frame);
  const std::uint32_t crc = crc32c(frame.substr(kPrefixBytes));
  const std::uint32_t stored = u32_at(frame, 4);
  const std::uint32_t length = static_cast<std::uint32_t>(frame.size() - kPrefixBytes);
  const bool length_good = u32_at(frame, 0) == length;
  put_u32(repaired, 0, length);
  if (crc == stored) return repaired;
  if (!length_good || frame.size() > kMostRepairedBytes) return std::nullopt;
  if (std::has_single_bit(crc ^ stored)) {
    put_u32(repaired, 4, crc);
    return repaired;
  }
  if (!flip_back(repaired, crc ^ stored)) return std::nullopt;
  return repaired;
}

std::optional<std::string> repair_entry(std::string_view bytes) {
  if (bytes.size() < kEntryHeaderBytes) return std::nullopt;
  const std::uint32_t said = u32_at(bytes, 0);
  const auto fits = [&](std::size_t length) {
    return length > 0 && length <= kMostEntryBytes && kPrefixBytes + length <= bytes.size();
  };
  if (fits(said)) {
    const std::string_view behind = bytes.substr(kPrefixBytes + said);
    if (behind.empty() || begins_like_entry(behind)) {
      if (auto repaired = repair_frame(bytes.substr(0, kPrefixBytes + said))) return repaired;
    }
  }
  const std::uint32_t stored = u32_at(bytes, 4);
  for (unsigned bit = 0; bit < 32; ++bit) {
    const std::size_t length = said ^ (1U << bit);
    if (!fits(length) || crc32c(bytes.substr(kPrefixBytes, length)) != stored) continue;
    return repair_frame(bytes.substr(0, kPrefixBytes + length));
  }
  return std::nullopt;
}

}  // namespace albicilla
