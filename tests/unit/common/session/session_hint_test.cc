#include "common/session/session_hint.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

constexpr std::string_view kSecret = "hush";

std::optional<SessionHint> resolve(const SessionRules& rules, const Headers& headers,
                                   bool generates = true) {
  return resolve_session(rules, {headers, generates, {}, ExchangeId{}}, kSecret);
}

TEST(SessionHint, KnowsTheHeaderOfOlderAndNewerCodex) {
  const Headers newer = {{"session-id", "n"}, {"thread-id", "t"}};
  EXPECT_EQ(resolve({}, newer), (SessionHint{"n", SessionSource::client_header}));
  EXPECT_EQ(resolve({}, {{"session_id", "o"}}), (SessionHint{"o", SessionSource::client_header}));
}

TEST(SessionHint, TakesTheHeadersInTheirOrder) {
  const SessionRules rules;
  const Headers all = {{"conversation_id", "c"},
                       {"session_id", "s"},
                       {"X-Claude-Code-Session-Id", "cc"},
                       {"X-Session-Id", "x"},
                       {"Agent-Session-Id", " a "}};
  EXPECT_EQ(resolve(rules, all), (SessionHint{"a", SessionSource::header}));
  const Headers no_own(all.begin(), all.end() - 1);
  EXPECT_EQ(resolve(rules, no_own), (SessionHint{"x", SessionSource::x_session_id}));
  const Headers clients(all.begin(), all.end() - 2);
  EXPECT_EQ(resolve(rules, clients), (SessionHint{"cc", SessionSource::client_header}));
  EXPECT_EQ(resolve(rules, {all[0], all[1]}), (SessionHint{"s", SessionSource::client_header}));
  EXPECT_EQ(resolve(rules, {all[0]}), (SessionHint{"c", SessionSource::client_header}));
}

TEST(SessionHint, RefusesAGeneratingCallWithoutASessionOnlyWhereOneIsRequired) {
  const Headers blank = {{"agent-session-id", "  "}};
  EXPECT_EQ(resolve(SessionRules{}, blank), std::nullopt);
  EXPECT_EQ(resolve(SessionRules{}, blank, false),
            (SessionHint{"no-session", SessionSource::no_session}));
  SessionRules lax;
  lax.require_header = false;
  const auto anonymous = resolve(lax, blank);
  ASSERT_TRUE(anonymous);
  EXPECT_EQ(anonymous->source, SessionSource::anonymous);
  EXPECT_EQ(anonymous->id.size(), 5U + 12U);
}

TEST(SessionHint, GivesEachAnonymousRequestItsOwnSession) {
  SessionRules rules;
  rules.require_header = false;
  const Headers none;
  ExchangeId other;
  other.bytes[15] = 1;
  EXPECT_NE(resolve_session(rules, {none, true, {}, ExchangeId{}}, kSecret),
            resolve_session(rules, {none, true, {}, other}, kSecret));
}

TEST(SessionHint, DerivesASessionFromTheTokenOnlyWhenAllowedAndOnlyWithASecret) {
  SessionRules rules;
  rules.require_header = false;
  rules.allow_bearer = true;
  const Headers token = {{"Authorization", "bEARER  t-1 "}};
  const auto hint = resolve(rules, token);
  ASSERT_TRUE(hint);
  EXPECT_EQ(hint->source, SessionSource::bearer);
  EXPECT_TRUE(hint->id.starts_with("bearer-"));
  EXPECT_EQ(hint->id.size(), 7U + 12U);
  EXPECT_EQ(resolve(rules, {{"authorization", "Bearer t-1"}}), hint);
  EXPECT_NE(resolve(rules, {{"authorization", "Bearer t-2"}}), hint);
  EXPECT_NE(resolve_session(rules, {token, true, {}, {}}, "other"), hint);
  EXPECT_EQ(resolve_session(rules, {token, true, {}, {}}, "")->source, SessionSource::anonymous);
  EXPECT_EQ(resolve(rules, {{"authorization", "Basic t-1"}})->source, SessionSource::anonymous);
  rules.allow_bearer = false;
  EXPECT_EQ(resolve(rules, token)->source, SessionSource::anonymous);
}

TEST(SessionHint, TakesTheBodysNamesInTheirOrderWhenNoHeaderIsRequired) {
  SessionRules rules;
  const Headers none;
  const auto of_body = [&](std::string_view body) {
    return resolve_session(rules, {none, true, body, {}}, kSecret);
  };
  const std::string all =
      R"({"previous_response_id":"r","prompt_cache_key":"p","metadata":{"user_id":"m"},"user":" u "})";
  EXPECT_EQ(of_body(all), std::nullopt);
  rules.require_header = false;
  EXPECT_EQ(of_body(all), (SessionHint{"u", SessionSource::body}));
  EXPECT_EQ(of_body(R"({"user":7,"metadata":{"user_id":"m"},"prompt_cache_key":"p"})"),
            (SessionHint{"m", SessionSource::body}));
  EXPECT_EQ(of_body(R"({"user":"","prompt_cache_key":"p","previous_response_id":"r"})"),
            (SessionHint{"p", SessionSource::body}));
  EXPECT_EQ(of_body(R"({"previous_response_id":"r"})"), SessionHint{});  // the sink knows
  EXPECT_EQ(of_body("{\"user\":\"" + std::string(5000, 'x') + "\"}")->source,
            SessionSource::anonymous);
  for (const char* body : {"", "{", "[]", R"({"user":null})", R"({"messages":[{"user":"u"}]})"}) {
    EXPECT_EQ(of_body(body)->source, SessionSource::anonymous) << body;
  }
}

TEST(SessionHint, LeavesTheRestToTheSinkWhereHistoryDecides) {
  SessionRules rules;
  rules.require_header = false;
  rules.history = true;
  EXPECT_EQ(resolve(rules, {}), SessionHint{});
}

TEST(SessionHint, AsksForTheBodyOnlyWhenTheHeadersDoNotDecide) {
  SessionRules rules;
  const Headers none;
  const Headers some = {{"x-session-id", "x"}};
  EXPECT_FALSE(session_needs_body(rules, {none, true, {}, {}}));
  rules.require_header = false;
  EXPECT_TRUE(session_needs_body(rules, {none, true, {}, {}}));
  EXPECT_FALSE(session_needs_body(rules, {some, true, {}, {}}));
  EXPECT_FALSE(session_needs_body(rules, {none, false, {}, {}}));
}

}  // namespace
}  // namespace albicilla
