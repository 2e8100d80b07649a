#include "common/base/id128.h"

#include <unordered_set>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Id128, ExchangeIdsAreVersion7AndSortByTime) {
  ExchangeIdSource source;
  const ExchangeId early = source.next(WallTime{Microseconds{1768298405000000}});
  const ExchangeId late = source.next(WallTime{Microseconds{1768298405001000}});
  EXPECT_LT(early, late);
  const std::string text = uuid_text(early.bytes);
  EXPECT_EQ(text.size(), 36U);
  EXPECT_EQ(text[14], '7');
  EXPECT_TRUE(text[19] == '8' || text[19] == '9' || text[19] == 'a' || text[19] == 'b') << text;
}

TEST(Id128, ExchangeIdsDoNotRepeatWithinOneMillisecond) {
  ExchangeIdSource source;
  std::unordered_set<ExchangeId> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(source.next(WallTime{}));
  EXPECT_EQ(seen.size(), 100000U);
}

TEST(Id128, HexTextComesBack) {
  const auto id = random_bytes16();
  EXPECT_EQ(from_hex_text(hex_text(id)), id);
  EXPECT_EQ(from_hex_text("12"), std::nullopt);
  EXPECT_EQ(from_hex_text(std::string(32, 'g')), std::nullopt);
}

}  // namespace
}  // namespace albicilla
