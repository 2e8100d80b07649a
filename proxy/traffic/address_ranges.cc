#include "proxy/traffic/address_ranges.h"

#include <arpa/inet.h>

#include <algorithm>

#include "proxy/traffic/hop_fields.h"

namespace albicilla {
namespace {

constexpr std::string_view kUnix = "unix";
constexpr std::size_t kMostAddressText = 64;

}  // namespace

Result<AddressRanges> AddressRanges::parse(const std::vector<std::string>& texts) {
  AddressRanges all;
  for (const std::string& text : texts) {
    if (text == kUnix) {
      all.unix_ = true;
      continue;
    }
    auto range = AddressRange::parse(text);
    if (!range) return range.error();
    all.ranges_.push_back(*range);
  }
  return all;
}

bool AddressRanges::contain(std::string_view address) const {
  if (address == kUnix) return unix_;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

std::string forwarded_client(const Headers& headers, const AddressRanges& trusted) {
  std::string client;
  bool found = false;
  std::vector<std::string_view> addresses;
  each_list_element(headers, "x-forwarded-for",
                    [&](std::string_view address) { addresses.push_back(address); });
  while (!addresses.empty() && !found) {
    const std::string_view address = addresses.back();
    addresses.pop_back();
    in6_addr six{};
    in_addr four{};
    const std::string text(address.substr(0, kMostAddressText));
    const bool is_address = inet_pton(AF_INET, text.c_str(), &four) == 1 ||
                            inet_pton(AF_INET6, text.c_str(), &six) == 1;
    if (!is_address) break;  // what stands before it is nobody's word
    client = text;
    found = !trusted.contain(address);
  }
  return client;
}

}  // namespace albicilla
