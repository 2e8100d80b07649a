#include "common/base/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace albicilla {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned kMappedBits = 96;  // in front of an IPv4 address

struct Address {
  Bytes bytes{};
  bool v4 = false;
};

std::optional<Address> address_of(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));  // without an interface's name
  Address address;
  if (::inet_pton(AF_INET6, plain.c_str(), address.bytes.data()) == 1) return address;
  if (::inet_pton(AF_INET, plain.c_str(), address.bytes.data() + 12) != 1) return std::nullopt;
  address.v4 = true;
  address.bytes[10] = address.bytes[11] = 0xFF;
  return address;
}

bool same_front(const Bytes& a, const Bytes& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) {
    return false;
  }
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xFFU << (8 - bits % 8);
  return ((a[whole] ^ b[whole]) & mask & 0xFFU) == 0;
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto wrong = [&] {
    return client_error("'" + std::string(text) + "' is not an address range such as 10.0.0.0/8");
  };
  const std::size_t slash = text.find('/');
  const auto address = address_of(text.substr(0, slash));
  if (!address) return wrong();
  AddressRange range;
  range.network_ = address->bytes;
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const unsigned most = address->v4 ? 32 : 128;
  if (problem != std::errc() || end != digits.data() + digits.size() || bits > most) return wrong();
  range.bits_ = address->v4 ? bits + kMappedBits : bits;
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const auto parsed = address_of(address);
  return parsed && same_front(parsed->bytes, network_, bits_);
}

}  // namespace albicilla
