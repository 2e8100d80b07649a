#include "proxy/traffic/address_ranges.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(AddressRanges, ContainWhatTheirPrefixCovers) {
  const auto ranges =
      AddressRanges::parse({"10.0.0.0/8", "192.168.1.128/25", "::1", "2001:db8::/33", "unix"});
  ASSERT_TRUE(ranges);
  for (const char* in : {"10.255.0.1", "::ffff:10.1.2.3", "192.168.1.200", "::1", "2001:db8::7",
                         "2001:db8:7fff::1", "unix"}) {
    EXPECT_TRUE(ranges->contain(in)) << in;
  }
  for (const char* out : {"11.0.0.1", "192.168.1.127", "::2", "2001:db8:8000::1", "", "10.0.0",
                          "10.0.0.1 ", "nonsense", "127.0.0.1"}) {
    EXPECT_FALSE(ranges->contain(out)) << out;
  }
  EXPECT_FALSE(AddressRanges().contain("unix"));
}

TEST(AddressRanges, RefuseWhatIsNoRange) {
  for (const char* wrong : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0/8",
                            "10.0.0.0/-1", "host", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(AddressRanges::parse({wrong})) << wrong;
  }
}

TEST(ForwardedClient, IsTheLastAddressThatIsNotTrusted) {
  const auto trusted = AddressRanges::parse({"10.0.0.0/8"});
  const auto client = [&](const Headers& headers) { return forwarded_client(headers, *trusted); };
  EXPECT_EQ(client({{"X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.0.1"}}), "1.2.3.4");
  EXPECT_EQ(client({{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(client({{"X-Forwarded-For", "10.0.0.2, 10.0.0.1"}}), "10.0.0.2");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.2.3.4, <script>, 10.0.0.1"}}), "10.0.0.1");
  EXPECT_EQ(client({{"X-Forwarded-For", "garbage"}}), "");
  EXPECT_EQ(client({}), "");
}

}  // namespace
}  // namespace albicilla
