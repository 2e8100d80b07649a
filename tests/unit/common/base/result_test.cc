#include "common/base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  const Result<int> bad = client_error("port must be 1 to 65535, got '0'");
  EXPECT_TRUE(good);
  EXPECT_EQ(*good, 7);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().fault, Fault::client);
  EXPECT_EQ(bad.value_or(3), 3);
}

TEST(Result, MovesOutWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  const std::unique_ptr<int> owned = *std::move(result);
  EXPECT_EQ(*owned, 5);
}

TEST(Status, IsOkUntilItHoldsAnError) {
  EXPECT_TRUE(Status{}.ok());
  EXPECT_FALSE(Status{our_error("disk full")}.ok());
}

}  // namespace
}  // namespace albicilla
