#include "converter/viewer/access.h"

#include <gtest/gtest.h>

#include "common/chain/hash_chain.h"

namespace albicilla::viewer {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Access::Clock::time_point kStart{hours(1000)};
Access::Try from(Access::Clock::time_point now) { return {"10.0.0.7", now}; }

std::string users_json(const std::string& entry) { return R"({"users":[)" + entry + "]}"; }
const std::string kAnn =
    R"({"name":"ann","token":"a-token-of-some-length","rights":["read","export"]})";

TEST(Host, MustBeAnAddressOrAKnownName) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:9002", "localhost:1", "LocalHost", "[::1]:9002",
                           "10.1.2.3:80", "logs.example.org", "LOGS.example.org:443"}) {
    EXPECT_TRUE(is_allowed_host(host, {"logs.example.org"})) << host;
  }
  for (const char* host : {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
                           "x.logs.example.org", "1.2.3", "::1", "[evil]:80", "[", ":80",
                           "127.0.0.1@evil.example", "0x7f000001"}) {
    EXPECT_FALSE(is_allowed_host(host, {"logs.example.org"})) << host;
  }
}

TEST(Origin, MustBeThePagesOwn) {
  EXPECT_TRUE(is_own_origin("", "127.0.0.1:9002"));
  EXPECT_TRUE(is_own_origin("http://127.0.0.1:9002", "127.0.0.1:9002"));
  EXPECT_TRUE(is_own_origin("https://logs.example.org", "logs.example.org"));
  for (const char* origin : {"null", "http://evil.example", "http://127.0.0.1:9003",
                             "http://127.0.0.1", "127.0.0.1:9002", "file://127.0.0.1:9002"}) {
    EXPECT_FALSE(is_own_origin(origin, "127.0.0.1:9002")) << origin;
  }
}

TEST(Users, AreReadWithTheirRights) {
  const Digest digest = sha256("b-token-of-some-length");
  auto users = parse_users(users_json(kAnn + R"(,{"name":"ben","token":"sha256:)" +
                                      hex_prefix(digest, 64) + R"(","rights":["read"]})"));
  ASSERT_TRUE(users) << users.error().message;
  EXPECT_TRUE(users->at(sha256("a-token-of-some-length")).may_export);
  EXPECT_FALSE(users->at(digest).may_export);
}

TEST(Users, AreRefusedWithTheReason) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"name":"x","token":"short","rights":["read"]})", "16 characters"},
      {R"({"name":"x","token":"sha256:abc","rights":["read"]})", "sha256"},
      {R"({"name":"x","token":"a-token-of-some-length","rights":["export"]})", "read"},
      {R"({"name":"x","token":"a-token-of-some-length","rights":["root"]})", "rights"},
      {R"({"token":"a-token-of-some-length","rights":["read"]})", "name"},
      {"", "no users"}};
  for (const auto& [entry, part] : cases) {
    const auto users = parse_users(users_json(entry));
    ASSERT_FALSE(users) << entry;
    EXPECT_NE(users.error().message.find(part), std::string::npos) << users.error().message;
  }
  EXPECT_FALSE(parse_users("no json"));
  EXPECT_FALSE(parse_users(users_json(kAnn + "," + kAnn)));
}

TEST(Access, LetsEverybodyInWithoutUsers) {
  Access access;
  const auto user = access.identify("", "", from(kStart));
  ASSERT_TRUE(user);
  EXPECT_TRUE(user->may_export);
}

TEST(Access, KnowsUsersByTokenAndByCookieForHalfADay) {
  Access access(*parse_users(users_json(kAnn)));
  EXPECT_FALSE(access.identify("", "", from(kStart)));
  EXPECT_FALSE(access.identify("a-token-of-some-lengtH", "", from(kStart)));
  EXPECT_EQ(access.identify("a-token-of-some-length", "", from(kStart))->name, "ann");
  EXPECT_FALSE(access.log_in("wrong", from(kStart)));
  const auto cookie = access.log_in("a-token-of-some-length", from(kStart));
  ASSERT_TRUE(cookie);
  EXPECT_EQ(access.identify("", *cookie, from(kStart + hours(11)))->name, "ann");
  EXPECT_FALSE(access.identify("", *cookie, from(kStart + hours(13))));
  const auto other = access.log_in("a-token-of-some-length", from(kStart));
  access.log_out(*other);
  EXPECT_FALSE(access.identify("", *other, from(kStart)));
}

TEST(Access, MakesWhoeverGuessesWait) {
  Access access(*parse_users(users_json(kAnn)));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(access.may_try(from(kStart))) << i;
    access.log_in("wrong", from(kStart));
  }
  EXPECT_FALSE(access.may_try(from(kStart)));
  EXPECT_TRUE(access.may_try({"10.0.0.8", kStart})) << "nobody else has to";
  EXPECT_TRUE(access.may_try(from(kStart + seconds(2))));
}

TEST(Loopback, IsWhatNobodyElseReaches) {
  for (const char* host : {"127.0.0.1", "localhost", "::1", "127.1.2.3"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "example.org", "127.0.0.1.example.org"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace albicilla::viewer
