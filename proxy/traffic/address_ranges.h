// Sets of addresses as CIDR says them ("10.0.0.0/8", "::1", "unix"): whose word about the client's
// address counts. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/address_range.h"
#include "common/base/result.h"
#include "common/http/headers.h"

namespace albicilla {

class AddressRanges {
 public:
  // An address, an address with a prefix length, or "unix" for peers of a Unix socket.
  static Result<AddressRanges> parse(const std::vector<std::string>& texts);

  bool empty() const { return ranges_.empty() && !unix_; }
  // False for whatever is no address.
  bool contain(std::string_view address) const;

 private:
  std::vector<AddressRange> ranges_;
  bool unix_ = false;
};

// The client that a chain of trusted proxies speaks for: the last address of X-Forwarded-For that
// is not one of theirs. Empty when they say nothing that is an address.
std::string forwarded_client(const Headers& headers, const AddressRanges& trusted);

}  // namespace albicilla
