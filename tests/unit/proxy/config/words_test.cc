#include "proxy/config/words.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(ConfigWords, ReadsSizes) {
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("10MB"), 10'000'000U);
  EXPECT_EQ(parse_size("4 GiB"), std::uint64_t{4} << 30);
  EXPECT_EQ(parse_size("4G"), std::uint64_t{4} << 30);
  for (const char* bad :
       {"", "-1", "GiB", "4 QB", "99999999999999999999", "9999999999 TiB", "1.5G"}) {
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
  }
}

TEST(ConfigWords, ReadsTimes) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_time("500ms"), milliseconds(500));
  EXPECT_EQ(parse_time("10s"), milliseconds(10'000));
  EXPECT_EQ(parse_time("10m"), milliseconds(600'000));
  EXPECT_EQ(parse_time("30"), milliseconds(30'000));
  EXPECT_EQ(parse_time("soon"), std::nullopt);
}

TEST(ConfigWords, ReadsYesAndNo) {
  for (const char* yes : {"true", "1", "yes", "TRUE", "Yes", "on"})
    EXPECT_EQ(parse_yes_no(yes), true);
  for (const char* no : {"false", "0", "no", "No", "off"}) EXPECT_EQ(parse_yes_no(no), false);
  EXPECT_EQ(parse_yes_no("maybe"), std::nullopt);
}

TEST(ConfigWords, SplitsAtCommas) {
  EXPECT_EQ(split_words(" a, b ,,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_words(" ,").empty());
}

}  // namespace
}  // namespace albicilla
