#include "common/base/id128.h"

#include <sys/random.h>

#include <cstdlib>

namespace albicilla {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void put_hex(char* at, std::uint8_t byte) {
  at[0] = kHexDigits[byte >> 4];
  at[1] = kHexDigits[byte & 15];
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

}  // namespace

std::string uuid_text(const std::array<std::uint8_t, 16>& bytes) {
  std::string out(36, '-');
  char* at = out.data();
  for (std::size_t i = 0; i < bytes.size(); ++i, at += 2) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    put_hex(at, bytes[i]);
  }
  return out;
}

std::string hex_text(const std::array<std::uint8_t, 16>& bytes) {
  std::string out(32, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) put_hex(out.data() + 2 * i, bytes[i]);
  return out;
}

std::optional<std::array<std::uint8_t, 16>> from_hex_text(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return bytes;
}

std::array<std::uint8_t, 16> random_bytes16() {
  std::array<std::uint8_t, 16> bytes{};
  // Up to 256 bytes getrandom never returns short and is never interrupted once seeded.
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return bytes;
}

ExchangeIdSource::ExchangeIdSource() : state_{} {
  for (int half = 0; half < 2; ++half) {
    const auto seed = random_bytes16();
    std::memcpy(&state_[half * 2], seed.data(), seed.size());
  }
  state_[0] |= 1;  // xoshiro256** must not start at all zeros
}

ExchangeId ExchangeIdSource::next(WallTime now) {
  // xoshiro256** (Blackman and Vigna): unpredictability is not needed here, uniqueness is.
  const auto step = [this] {
    const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  };
  const std::uint64_t random[2] = {step(), step()};
  ExchangeId id;
  std::memcpy(id.bytes.data(), random, 16);
  const auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0F));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3F));
  return id;
}

}  // namespace albicilla
