// A stretch of IP addresses as administrators write it ("10.0.0.0/8", "fd00::/8", "127.0.0.1"), to
// ask whether a peer lies in it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

class AddressRange {
 public:
  // An address, or an address and a prefix length behind '/'.
  static Result<AddressRange> parse(std::string_view text);

  // `address` as text; false when it is none. IPv4 addresses match whether or not they come mapped
  // into IPv6 (::ffff:10.0.0.1).
  bool contains(std::string_view address) const;
  bool operator==(const AddressRange&) const = default;

 private:
  using Bytes = std::array<std::uint8_t, 16>;

  Bytes network_{};
  unsigned bits_ = 128;
};

}  // namespace albicilla
