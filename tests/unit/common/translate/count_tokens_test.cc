#include "common/translate/count_tokens.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(CountTokens, AnswersAnEstimateMarkedAsSuch) {
  const auto answer = estimate_count_tokens(
      R"({"model":"m","system":"12345678","messages":[{"role":"user","content":"1234"}]})");
  ASSERT_TRUE(answer);
  // 8 of the system prompt, "role", "user", "content" and 4: 27 bytes.
  EXPECT_EQ(*answer, R"({"input_tokens":7,"estimated":true})");
}

TEST(CountTokens, CountsAPictureAsOneAndNotByItsBytes) {
  const std::string picture =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
      std::string(1'000'000, 'A') + "\"}}";
  const auto answer =
      estimate_count_tokens(R"({"messages":[{"role":"user","content":[)" + picture + "]}]}");
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, R"({"input_tokens":1606,"estimated":true})");
}

TEST(CountTokens, RefusesWhatIsNoRequest) {
  for (const char* body : {"", "{", "[]", R"({"messages":"x"})"}) {
    const auto answer = estimate_count_tokens(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().fault, Fault::client);
  }
}

}  // namespace
}  // namespace albicilla
