#include "proxy/control/access.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

Config with_token(std::string token) {
  Config config;
  config.admin_token = std::move(token);
  return config;
}

TEST(Access, AdminsShowTheTokenInEitherHeader) {
  const Config config = with_token("secret");
  EXPECT_TRUE(is_admin(config, {"203.0.113.1", "secret", ""}));
  EXPECT_TRUE(is_admin(config, {"203.0.113.1", "", "Bearer secret"}));
  EXPECT_FALSE(is_admin(config, {"127.0.0.1", "", ""}));
  for (const char* wrong : {"secre", "secret ", "Secret", "secretsecret"}) {
    EXPECT_FALSE(is_admin(config, {"127.0.0.1", wrong, ""})) << wrong;
  }
}

TEST(Access, NobodyIsAdminWhileNoTokenIsConfigured) {
  EXPECT_FALSE(is_admin(with_token(""), {"127.0.0.1", "", ""}));
}

TEST(Access, LocalPeersMayLookAndOthersOnlyAsAdmins) {
  const Config config = with_token("secret");
  for (const char* local : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "unix"}) {
    EXPECT_TRUE(may_look(config, {local, "", ""})) << local;
  }
  for (const char* far : {"10.0.0.1", "::2", "", "1127.0.0.1"}) {
    EXPECT_FALSE(may_look(config, {far, "", ""})) << far;
    EXPECT_TRUE(may_look(config, {far, "secret", ""})) << far;
  }
}

TEST(Access, ScrapersComeFromTheirRange) {
  Config config;
  config.metrics_allow.push_back(*AddressRange::parse("10.0.0.0/8"));
  EXPECT_TRUE(may_scrape(config, {"10.9.9.9", "", ""}));
  EXPECT_FALSE(may_look(config, {"10.9.9.9", "", ""}));
  EXPECT_FALSE(may_scrape(config, {"11.9.9.9", "", ""}));
}

}  // namespace
}  // namespace albicilla
