#include "proxy/control/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json/tree.h"

namespace albicilla {
namespace {

using testing::HasSubstr;
using testing::Not;

MetricsPage page_with_tokens() {
  MetricsPage page;
  page.tokens.models = {{"gpt-4o-2024-08-06", 1'000'000, 400'000, 500'000}, {"other", 10, 0, 10}};
  page.tokens.users = {{"al\"ice", 7, 0, 3}};
  page.tokens.sessions = {{"s-1", 7, 0, 3}};
  return page;
}

TEST(Metrics, SayTokensByModelUserAndSession) {
  const std::string text = metrics_text(page_with_tokens());
  EXPECT_THAT(text, HasSubstr("albicilla_tokens_total{gen_ai_response_model=\"gpt-4o-2024-08-06\","
                              "gen_ai_token_type=\"input\"} 1000000"));
  EXPECT_THAT(text, HasSubstr("albicilla_user_tokens_total{user_id=\"al\\\"ice\","
                              "gen_ai_token_type=\"output\"} 3"));
  EXPECT_THAT(text, HasSubstr("albicilla_session_tokens_total{gen_ai_conversation_id=\"s-1\","));
}

TEST(Metrics, CostByThePriceWhoseNameFitsLongest) {
  MetricsPage page = page_with_tokens();
  EXPECT_THAT(metrics_text(page), Not(HasSubstr("albicilla_cost_total")));
  page.prices = {{"gpt", 100, 100, 100}, {"gpt-4o", 2.5, 1.25, 10}};
  // 0.6 M at 2.5, 0.4 M at 1.25, 0.5 M at 10.
  EXPECT_DOUBLE_EQ(cost_of(page.tokens.models[0], page.prices), 1.5 + 0.5 + 5);
  EXPECT_DOUBLE_EQ(cost_of(page.tokens.models[1], page.prices), 0);
  EXPECT_THAT(metrics_text(page),
              HasSubstr("albicilla_cost_total{gen_ai_response_model=\"gpt-4o-2024-08-06\"} 7"));
}

TEST(Metrics, SayTheSameAsJson) {
  const auto json = parse_json(metrics_json(page_with_tokens()));
  ASSERT_TRUE(json);
  const Json& model = json->at("albicilla_tokens_total").at("gpt-4o-2024-08-06");
  EXPECT_EQ(model.at("input").integer(), 1'000'000);
  EXPECT_EQ(model.at("cached_input").integer(), 400'000);
  EXPECT_EQ(json->at("albicilla_requests_total").integer(), 0);
}

}  // namespace
}  // namespace albicilla
