#include <vector>

#include <gtest/gtest.h>

#include "proxy/control/key_ring.h"
#include "proxy/middleware/registry.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

class MiddlewareTest : public testing::Test {
 protected:
  Result<Middlewares> make(std::string_view type, std::string_view config,
                           WatchedKeys* keys = nullptr) {
    const MiddlewareConfig one{std::string(type), true, *parse_json(config)};
    const MiddlewareParts parts{table_, keys,
                                [this](std::string_view line) { printed_.emplace_back(line); },
                                [this] { return metered_soon_; }};
    return make_middlewares(std::span(&one, 1), parts);
  }

  std::optional<MiddlewareRefusal> ask(Middlewares& middlewares) {
    MiddlewareRequest request{
        "POST",   "/v1/chat/completions",           headers_, "session-1", "10.0.0.1",
        user_id_, SteadyTime{std::chrono::hours(1)}};
    for (const auto& middleware : middlewares) {
      if (auto refusal = middleware->on_request(request)) return refusal;
    }
    return std::nullopt;
  }

  std::string error(std::string_view type, std::string_view config) {
    const auto made = make(type, config);
    return made ? "no error" : made.error().message;
  }

  std::vector<RateSlot> slots_{1024};
  RateTable table_{slots_};
  Headers headers_;
  std::string user_id_;
  std::vector<std::string> printed_;
  bool metered_soon_ = true;
};

TEST_F(MiddlewareTest, HeaderRulesSetRemoveAndRename) {
  auto rules = make("header_rules", R"({"request":{"set":{"X-Team":"a"},"remove":["Cookie"],
      "rename":{"x-old":"X-New"}},"response":{"remove":["server"]}})");
  ASSERT_TRUE(rules) << rules.error().message;
  headers_ = {{"cookie", "c"}, {"X-OLD", "1"}, {"x-team", "b"}, {"A", "z"}};
  EXPECT_FALSE(ask(*rules));
  EXPECT_EQ(headers_, (Headers{{"X-New", "1"}, {"A", "z"}, {"X-Team", "a"}}));
  Headers answer = {{"Server", "s"}, {"x-request-id", "r"}};
  rules->front()->on_answer(answer);
  EXPECT_EQ(answer, (Headers{{"x-request-id", "r"}}));
}

TEST_F(MiddlewareTest, HeaderRulesNeverTouchFraming) {
  EXPECT_EQ(error("header_rules", R"({"request":{"remove":["Content-Length"]}})"),
            "header_rules.request.remove: Content-Length is framing and cannot be changed");
  EXPECT_EQ(error("header_rules", R"({"response":{"rename":{"a":"transfer-encoding"}}})"),
            "header_rules.response.rename: transfer-encoding is framing and cannot be changed");
  EXPECT_EQ(error("header_rules", R"({"request":{"set":{"a":"x\ny"}}})"),
            "header_rules.request.set: a value has control characters");
  EXPECT_EQ(error("header_rules", R"({"request":{"set":{"a b":"x"}}})"),
            "header_rules.request.set: 'a b' is not a header name");
  EXPECT_EQ(error("header_rules", R"({"requests":{}})"),
            "header_rules: unknown key 'requests', did you mean request?");
}

TEST_F(MiddlewareTest, RateLimitRefusesWithTheTimeToWait) {
  auto limit = make("rate_limit", R"({"requests_per_minute":2})");
  ASSERT_TRUE(limit);
  EXPECT_FALSE(ask(*limit));
  EXPECT_FALSE(ask(*limit));
  const auto refusal = ask(*limit);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 429);
  EXPECT_EQ(refusal->retry_after_seconds, 30U);
  user_id_ = "somebody else";
  EXPECT_FALSE(ask(*limit));
  EXPECT_EQ(error("rate_limit", R"({"by":"moon"})"),
            "rate_limit: by must be key or session, got 'moon'");
  EXPECT_EQ(error("rate_limit", R"({"requests_per_minute":0})"),
            "rate_limit: requests_per_minute must be a number from 1 on");
}

TEST_F(MiddlewareTest, RateLimitCountsTokensAsTheyAreMetered) {
  auto limit = make("rate_limit", R"({"tokens_per_minute":100,"by":"session"})");
  ASSERT_TRUE(limit);
  EXPECT_FALSE(ask(*limit));
  OpenedFacts opened;
  opened.session_hint = "session-1";
  ClosedFacts closed;
  closed.request_bytes = 1'000'000;  // an image, say
  const SteadyTime now{std::chrono::hours(1)};
  limit->front()->on_closed({opened, closed, now});
  EXPECT_FALSE(ask(*limit));
  limit->front()->on_metered({opened, closed, 99, now, closed.closed_at});
  EXPECT_FALSE(ask(*limit));
  limit->front()->on_metered({opened, closed, 2, now, closed.closed_at});
  EXPECT_EQ(ask(*limit)->code, "rate_limited");
}

TEST_F(MiddlewareTest, RateLimitEstimatesWhatIsMeteredLateAndNeverChargesTwice) {
  metered_soon_ = false;
  auto limit = make("rate_limit", R"({"tokens_per_minute":100,"by":"session"})");
  ASSERT_TRUE(limit);
  OpenedFacts opened;
  opened.session_hint = "session-1";
  ClosedFacts closed;
  closed.response_bytes = 396;
  const SteadyTime now{std::chrono::hours(1)};
  limit->front()->on_closed({opened, closed, now});
  limit->front()->on_metered({opened, closed, 99, now, closed.closed_at});
  EXPECT_FALSE(ask(*limit)) << "99 of 100";
  // Of a spool that waited for an hour.
  limit->front()->on_metered({opened, closed, 99, now, closed.closed_at + std::chrono::hours(1)});
  EXPECT_FALSE(ask(*limit));
  closed.response_bytes = 8;
  limit->front()->on_closed({opened, closed, now});
  EXPECT_TRUE(ask(*limit));
}

TEST_F(MiddlewareTest, ApiKeyNotesTheUserAndRefusesOthers) {
  tests::ScratchDirectory directory;
  DiskFileSystem files;
  const std::string path = directory.path("keys.json");
  tests::write_whole_file(path, R"({"keys":[{"api_key":"k","user_id":"alice"}]})");
  WatchedKeys keys(files, path);
  auto made = make_middlewares({}, {table_, &keys, [](std::string_view) {}});
  ASSERT_TRUE(made);
  EXPECT_EQ(ask(*made)->code, "missing_api_key");
  headers_ = {{"Authorization", "Bearer wrong"}};
  EXPECT_EQ(ask(*made)->code, "invalid_api_key");
  headers_ = {{"Authorization", "Bearer k"}};
  EXPECT_FALSE(ask(*made));
  EXPECT_EQ(user_id_, "alice");
}

TEST_F(MiddlewareTest, PrinterPrintsFactsAndNoControlCharacters) {
  auto printer = make("printer", R"({"log_body":true})");
  ASSERT_TRUE(printer);
  headers_ = {{"authorization", "Bearer canary"}};
  EXPECT_FALSE(ask(*printer));
  OpenedFacts opened;
  opened.session_hint = "a\x1b[31mb";
  ClosedFacts closed;
  closed.status = 200;
  closed.duration = Microseconds{12'340};
  printer->front()->on_closed({opened, closed, {}});
  EXPECT_EQ(printed_, (std::vector<std::string>{
                          "new session session-1", "request [session-] POST /v1/chat/completions",
                          "response [a?[31mb] 200 complete 12ms 0 bytes in, 0 bytes out"}));
}

}  // namespace
}  // namespace albicilla
