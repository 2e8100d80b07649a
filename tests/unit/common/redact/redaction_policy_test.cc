#include "common/redact/redaction_policy.h"

#include <gtest/gtest.h>

#include "common/json/scan.h"

namespace albicilla {
namespace {

RedactionPolicy policy_of(std::vector<RedactionRule> rules) {
  auto policy = RedactionPolicy::make(std::move(rules), "key");
  EXPECT_TRUE(policy) << policy.error().message;
  return std::move(*policy);
}

RedactionPolicy built_in(const char* name) { return policy_of({*built_in_rule(name)}); }

RedactionRule at_path(std::string path, std::string pattern = "") {
  RedactionRule rule;
  rule.name = "rule";
  rule.path = std::move(path);
  rule.pattern = std::move(pattern);
  return rule;
}

std::string redacted(const RedactionPolicy& policy, std::string_view json) {
  RedactionCounts counts;
  std::string result = policy.redact_json("request", json, counts);
  EXPECT_TRUE(check_json(result)) << result;
  return result;
}

TEST(RedactionPolicy, FindsKeysAndTokens) {
  const RedactionPolicy keys = built_in("api_key");
  for (const char* key :
       {"sk-proj-abcdefghijklmnopqrstuvwx", "sk-ant-api03-abcdefghijklmnopqrstuvwx_-A",
        "AKIAIOSFODNN7EXAMPLE", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"}) {
    EXPECT_EQ(redacted(keys, "[\"use " + std::string(key) + ".\"]"), "[\"use [REDACTED].\"]");
  }
  EXPECT_EQ(
      redacted(
          keys,
          R"(["a\n-----BEGIN RSA PRIVATE KEY-----\nMIIB+/=\n-----END RSA PRIVATE KEY-----\nb"])"),
      R"(["a\n[REDACTED]\nb"])");
  const RedactionPolicy tokens = built_in("token");
  EXPECT_EQ(
      redacted(tokens, R"(["eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "Bearer abcdefghijklmnop1234"])"),
      R"(["[REDACTED]", "[REDACTED]"])");
}

TEST(RedactionPolicy, TellsCardsAndIbansFromOtherDigitsByTheirChecksums) {
  const RedactionPolicy cards = built_in("card");
  EXPECT_EQ(redacted(cards, R"(["4111 1111 1111 1111","4111-1111-1111-1112",4111111111111111])"),
            R"(["[REDACTED]","4111-1111-1111-1112","[REDACTED]"])");
  const RedactionPolicy ibans = built_in("iban");
  EXPECT_EQ(
      redacted(
          ibans,
          R"(["pay DE89 3704 0044 0532 0130 00 NOW","DE89370400440532013001","GB82WEST12345698765432"])"),
      R"(["pay [REDACTED] NOW","DE89370400440532013001","[REDACTED]"])");
}

TEST(RedactionPolicy, TakesTheDigitsOfAFractionForNoCard) {
  const RedactionPolicy cards = built_in("card");
  const std::string numbers =
      R"([0.4111111111111111,-1.4111111111111111e-05,"0.4111111111111111"])";
  EXPECT_EQ(redacted(cards, numbers), numbers);
  EXPECT_EQ(redacted(cards, R"(["no.4111111111111111","1.4111 1111 1111 1111"])"),
            R"(["no.[REDACTED]","1.[REDACTED]"])");
}

TEST(RedactionPolicy, GivesTheSamePseudonymForTheSameText) {
  const RedactionPolicy emails = built_in("email");
  RedactionCounts counts;
  const std::string once = emails.redact_text("a@b.test and c@d.test, a@b.test", counts);
  EXPECT_EQ(counts, (RedactionCounts{{"email", 3}}));
  const std::string first = once.substr(0, once.find(']') + 1);
  EXPECT_EQ(first.size(), std::string("[email-0123456789]").size());
  EXPECT_TRUE(once.ends_with(first));
  EXPECT_EQ(once.find("@"), std::string::npos);
  auto other = RedactionPolicy::make({*built_in_rule("email")}, "another key");
  EXPECT_NE(other->redact_text("a@b.test", counts), first);
}

TEST(RedactionPolicy, ReachesIntoEscapedTextAndNamesOfMembers) {
  EXPECT_EQ(redacted(policy_of({at_path("", "b@c")}),
                     R"({"a\u0062@c":"\"x\":\"b\u0040c\"","n":[["b@c"]]})"),
            R"({"a[REDACTED]":"\"x\":\"[REDACTED]\"","n":[["[REDACTED]"]]})");
}

TEST(RedactionPolicy, FollowsPaths) {
  const std::string json =
      R"({"user":"u","messages":[{"content":"one"},{"content":[{"text":"two"}]}],"n":5,"z":null})";
  EXPECT_EQ(
      redacted(policy_of({at_path("request.user")}), json),
      R"({"user":"[REDACTED]","messages":[{"content":"one"},{"content":[{"text":"two"}]}],"n":5,"z":null})");
  EXPECT_EQ(
      redacted(policy_of({at_path("request.messages[1].content")}), json),
      R"({"user":"u","messages":[{"content":"one"},{"content":"[REDACTED]"}],"n":5,"z":null})");
  EXPECT_EQ(
      redacted(policy_of({at_path("**.text", "w")}), json),
      R"({"user":"u","messages":[{"content":"one"},{"content":[{"text":"t[REDACTED]o"}]}],"n":5,"z":null})");
  EXPECT_EQ(
      redacted(policy_of({at_path("*.messages[*].content", "n")}), json),
      R"({"user":"u","messages":[{"content":"o[REDACTED]e"},{"content":[{"text":"two"}]}],"n":5,"z":null})");
  EXPECT_EQ(redacted(policy_of({at_path("request.*")}), R"({"n":5,"z":null})"),
            R"({"n":"[REDACTED]","z":null})");
  EXPECT_EQ(redacted(policy_of({at_path("response.user")}), json), json);
}

TEST(RedactionPolicy, ReplacesOnlyTheGroupOfAPattern) {
  EXPECT_EQ(redacted(policy_of({at_path("", "pin (\\d+)")}), R"("pin 12, pin 34")"),
            R"("pin [REDACTED], pin [REDACTED]")");
}

TEST(RedactionPolicy, KeepsAllOtherBytes) {
  const std::string odd = R"( { "a" : 1.50, "a":1e999 ,"b":"\ud800 \/\u0041" } )";
  EXPECT_EQ(redacted(policy_of({at_path("", "nothing")}), odd), odd);
  EXPECT_EQ(redacted(policy_of({at_path("**.x")}), "[ ]"), "[ ]");
  EXPECT_EQ(redacted(policy_of({at_path("", "x*")}), R"("abc")"), R"("abc")");
}

TEST(RedactionPolicy, SaysWhatIsWrongWithARule) {
  const auto error_of = [](RedactionRule rule, std::string key = "k") {
    const auto policy = RedactionPolicy::make({std::move(rule)}, std::move(key));
    return policy ? std::string() : policy.error().message;
  };
  EXPECT_EQ(error_of(at_path("")), "redaction rule 'rule': expected a path or a pattern");
  EXPECT_EQ(error_of(at_path("a..b")), "redaction rule 'rule': path: expected a member's name");
  EXPECT_EQ(error_of(at_path("a[x]")),
            "redaction rule 'rule': path: expected '*' or a number between brackets");
  EXPECT_TRUE(error_of(at_path("", "(")).starts_with("redaction rule 'rule': pattern: "));
  EXPECT_EQ(error_of(*built_in_rule("email"), ""), "redaction rule 'email': pseudonyms need a key");
  EXPECT_EQ(built_in_rule("unknown"), std::nullopt);
}

TEST(RedactionPolicy, LooksIntoJsonWithinStrings) {
  EXPECT_EQ(redacted(policy_of({at_path("", "b@c")}),
                     R"({"arguments":"{\"to\":\"b\\u0040c\",\"n\":1}"})"),
            R"({"arguments":"{\"to\":\"[REDACTED]\",\"n\":1}"})");
  EXPECT_EQ(
      redacted(
          built_in("api_key"),
          R"({"a":"{\"k\":\"-----BEGIN PRIVATE KEY-----\\nMIIB\\n-----END PRIVATE KEY-----\"}"})"),
      R"({"a":"{\"k\":\"[REDACTED]\"}"})");
}

TEST(RedactionPolicy, FindsWhatTheEventsOfAStreamCutIntoPieces) {
  RedactionCounts counts;
  const RedactionPolicy policy = built_in("api_key");
  std::vector<std::string> pieces = {
      R"({"type":"d","index":0,"id":"x","delta":"use sk-proj-abcd"})",
      R"({"type":"d","index":1,"id":"x","delta":"other "})",
      R"({"type":"d","index":0,"id":"x","delta":"efghijklmn"})",
      R"({"type":"d","index":0,"id":"x","delta":"opqrstuvwx now"})",
      R"({"type":"d","index":1,"id":"x","delta":"words"})"};
  policy.redact_series(pieces, counts);
  EXPECT_EQ(pieces,
            (std::vector<std::string>{R"({"type":"d","index":0,"id":"x","delta":"use [REDACTED]"})",
                                      R"({"type":"d","index":1,"id":"x","delta":"other "})",
                                      R"({"type":"d","index":0,"id":"x","delta":""})",
                                      R"({"type":"d","index":0,"id":"x","delta":" now"})",
                                      R"({"type":"d","index":1,"id":"x","delta":"words"})"}));
  EXPECT_EQ(counts, (RedactionCounts{{"api_key", 1}}));
}

TEST(RedactionPolicy, FindsASecretCutAtEveryPlaceOfAnEventStream) {
  const std::string secret = "sk-proj-abcdefghijklmnopqrstuvwx";
  const RedactionPolicy policy = built_in("api_key");
  for (std::size_t cut = 1; cut < secret.size(); ++cut) {
    RedactionCounts counts;
    const std::string stream = ": ping\r\ndata: see " + secret.substr(0, cut) +
                               "\r\n\r\nevent: x\ndata:" + secret.substr(cut) +
                               ".\n\ndata: [DONE]\n\n";
    EXPECT_EQ(policy.redact_events(stream, counts),
              ": ping\r\ndata: see [REDACTED]\r\n\r\nevent: x\ndata:.\n\ndata: [DONE]\n\n")
        << cut;
    EXPECT_EQ(counts, (RedactionCounts{{"api_key", 1}}));
  }
}

TEST(RedactionPolicy, KeepsEveryByteOfEventsInWhichNothingIsFound) {
  RedactionCounts counts;
  const std::string stream =
      "\xEF\xBB\xBF"
      "data: {\"a\":1.50}\r\rdata:\n\ndata: \xFF\n:x\ndata: last";
  EXPECT_EQ(built_in("api_key").redact_events(stream, counts), stream);
  EXPECT_TRUE(counts.empty());
}

TEST(RedactionPolicy, RefusesNamesThatTheLineUsesOtherwise) {
  for (const char* name : {"", "header", "query", "withheld", "two words"}) {
    RedactionRule rule = at_path("", "x");
    rule.name = name;
    EXPECT_FALSE(RedactionPolicy::make({rule}, "")) << name;
  }
}

}  // namespace
}  // namespace albicilla
