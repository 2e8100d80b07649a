#include "common/redact/redact.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string value_of(std::string_view name, std::string_view value) {
  return redact_headers({{std::string(name), std::string(value)}})[0].value;
}

TEST(Redact, HidesCredentialsAndKeepsTheSchemeWord) {
  EXPECT_EQ(value_of("Authorization", "Bearer sk-proj-abc"), "Bearer [REDACTED]");
  EXPECT_EQ(value_of("AUTHORIZATION", "sk-proj-abc"), "[REDACTED]");
  EXPECT_EQ(value_of("authorization", "Basic dXNlcjpwYXNz"), "Basic [REDACTED]");
  EXPECT_EQ(value_of("Proxy-Authorization", "Bearer x"), "Bearer [REDACTED]");
  EXPECT_EQ(value_of("authorization", "my password is long"), "my [REDACTED]");
  EXPECT_EQ(value_of("authorization", ""), "");
}

TEST(Redact, KnowsEveryCredentialHeader) {
  for (const char* name :
       {"x-api-key", "Api-Key", "x-goog-api-key", "Cookie", "Set-Cookie", "x-admin-token",
        "x-auth-token", "x-access-token", "x-amz-security-token", "x-csrf-token", "apikey",
        "www-authenticate", "Ocp-Apim-Subscription-Key", "x-my-client-secret"}) {
    EXPECT_EQ(value_of(name, "hush"), "[REDACTED]") << name;
  }
}

TEST(Redact, LeavesOtherHeadersTheirNamesOrderAndDuplicatesAlone) {
  const Headers headers = {{"x-ratelimit-remaining-tokens", "149984"},
                           {"Idempotency-Key", "a-1"},
                           {"X-Twice", "1"},
                           {"x-twice", "2"},
                           {"agent-session-id", "sk-short"}};
  EXPECT_EQ(redact_headers(headers), headers);
}

TEST(Redact, FindsKeysInsideOtherHeaders) {
  EXPECT_EQ(value_of("Sec-WebSocket-Protocol",
                     "realtime, openai-insecure-api-key.sk-abcdefghijklmnopqrstuvwxyz, v1"),
            "realtime, openai-insecure-api-key.[REDACTED], v1");
  EXPECT_EQ(value_of("X-Note", "task-sk-abcdefghijklmnopqrstuvwxyz"),
            "task-sk-abcdefghijklmnopqrstuvwxyz");
}

TEST(Redact, HidesSecretsInUrls) {
  EXPECT_EQ(value_of("Referer", "https://u:p@x.test/a?key=1&b=2#c"),
            "https://[REDACTED]@x.test/a?key=[REDACTED]&b=2#c");
  EXPECT_EQ(value_of("Location", "/files/1?sig=abc"), "/files/1?sig=[REDACTED]");
}

TEST(Redact, HidesSecretParametersOfAQueryAndKeepsAllOtherBytes) {
  EXPECT_EQ(redact_query("key=AIzaX&beta=true&API_KEY=a%20b;access_token=1&%6Bey=z"),
            "key=[REDACTED]&beta=true&API_KEY=[REDACTED];access_token=[REDACTED]&%6Bey=[REDACTED]");
  for (const char* query : {"", "&&", "key", "key=", "page_token=abc", "a=b=c&=x", "q=%zz&%"}) {
    EXPECT_EQ(redact_query(query), query);
  }
  EXPECT_EQ(redact_query("x=sk-abcdefghijklmnopqrstuvwxyz"), "x=[REDACTED]");
}

TEST(Redact, CountsWhatItReplaced) {
  EXPECT_EQ(count_redacted(redact_headers({{"cookie", "a"}, {"x", "y"}, {"api-key", "b"}})), 2U);
  EXPECT_EQ(count_redacted(redact_query("key=a&x=1&token=b")), 2U);
  EXPECT_EQ(count_redacted(redact_query("x=1")), 0U);
}

}  // namespace
}  // namespace albicilla
