#include "proxy/fixed_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(FixedSettings, StayAsTheyAreAndSaySoWhenTheyWereChanged) {
  const Json asked = Json::object({{"port", "9000"}, {"model", "a"}});
  const Json in_force =
      Json::object({{"port", "9000"}, {"model", "a"}, {"spool-dir", "log/.spool"}});
  Json fresh = Json::object({{"port", "9001"}, {"model", "b"}});
  EXPECT_THAT(keep_fixed(asked, in_force, fresh), testing::ElementsAre("port"));
  EXPECT_EQ(fresh.at("port").text(), "9000");
  EXPECT_EQ(fresh.at("model").text(), "b");
  EXPECT_EQ(fresh.at("spool-dir").text(), "log/.spool");
}

}  // namespace
}  // namespace albicilla
