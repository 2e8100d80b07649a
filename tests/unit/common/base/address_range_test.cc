#include "common/base/address_range.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

bool lies_in(std::string_view address, std::string_view range) {
  const auto parsed = AddressRange::parse(range);
  return parsed && parsed->contains(address);
}

TEST(AddressRange, HoldsTheAddressesThatShareItsFirstBits) {
  EXPECT_TRUE(lies_in("10.200.3.4", "10.0.0.0/8"));
  EXPECT_FALSE(lies_in("11.0.0.1", "10.0.0.0/8"));
  EXPECT_TRUE(lies_in("192.168.1.129", "192.168.1.128/25"));
  EXPECT_FALSE(lies_in("192.168.1.127", "192.168.1.128/25"));
  EXPECT_TRUE(lies_in("fd12:3456::1", "fd00::/8"));
  EXPECT_TRUE(lies_in("203.0.113.9", "0.0.0.0/0"));
  EXPECT_FALSE(lies_in("::1", "0.0.0.0/0")) << "IPv6 is no part of all of IPv4";
}

TEST(AddressRange, WithoutALengthIsOneAddress) {
  EXPECT_TRUE(lies_in("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(lies_in("127.0.0.2", "127.0.0.1"));
  EXPECT_TRUE(lies_in("fe80::1%eth0", "fe80::1"));
}

TEST(AddressRange, KnowsAnIpv4AddressThatComesMapped) {
  EXPECT_TRUE(lies_in("::ffff:10.1.2.3", "10.0.0.0/8"));
}

TEST(AddressRange, RefusesWhatIsNone) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "fd00::/129", "host"}) {
    EXPECT_FALSE(AddressRange::parse(text)) << text;
  }
  EXPECT_FALSE(lies_in("not an address", "0.0.0.0/0"));
}

}  // namespace
}  // namespace albicilla
