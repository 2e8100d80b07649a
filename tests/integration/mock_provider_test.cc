// The provider that all other integration tests stand on, asked directly.
#include <gtest/gtest.h>

#include "common/sse/sse_parser.h"
#include "tests/support/pipeline/pipeline.h"
#include "tests/support/sha256.h"

namespace albicilla::support {
namespace {

using nlohmann::json;

class MockProviderTest : public testing::Test {
 protected:
  Reply chat(std::string_view words, bool stream, std::string_view more = "") {
    std::string body = R"({"model":"gpt-4o","stream":)";
    body += stream ? "true" : "false";
    body += more;
    body += R"(,"messages":[{"role":"user","content":"[[marker t-1]]"}]})";
    return ask(provider_.port(),
               {.method = "POST",
                .target = "/v1/chat/completions",
                .fields = {{"Content-Type", "application/json"}, {"x-mock", std::string(words)}},
                .body = body});
  }

  // The data of each event of a stream.
  static std::vector<std::string> events(std::string_view body) {
    std::vector<std::string> found;
    for (SseEvent& event : SseParser().feed(body)) found.push_back(std::move(event.data));
    return found;
  }

  tests::ScratchDirectory scratch_;
  MockProvider provider_{scratch_.path()};
};

TEST_F(MockProviderTest, AnswersPlainWithTheMarkerAndJournalsWhatItSent) {
  const Reply reply = chat("", false);
  ASSERT_EQ(reply.status, 200U) << reply.raw;
  const json answer = json::parse(reply.body);
  const std::string text = answer["choices"][0]["message"]["content"];
  EXPECT_TRUE(text.starts_with("[[marker t-1]] ")) << text;
  EXPECT_EQ(answer["object"], "chat.completion");
  const json entry = provider_.entry_of("t-1");
  EXPECT_EQ(entry["response_sha256"], sha256_hex(reply.body));
  EXPECT_EQ(entry["text_sha256"], sha256_hex(text));
  EXPECT_EQ(entry["ending"], "complete");
}

TEST_F(MockProviderTest, StreamsRoleTextFinishUsageAndDone) {
  const Reply reply = chat("events=3", true, R"(,"stream_options":{"include_usage":true})");
  ASSERT_TRUE(reply.complete);
  EXPECT_EQ(reply.field("content-type"), "text/event-stream; charset=utf-8");
  const auto data = events(reply.body);
  ASSERT_EQ(data.size(), 7U) << reply.body;  // role, 3 words, finish, usage, [DONE]
  EXPECT_EQ(json::parse(data[0])["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(json::parse(data[4])["choices"][0]["finish_reason"], "stop");
  EXPECT_TRUE(json::parse(data[5])["choices"].empty());
  EXPECT_GT(json::parse(data[5])["usage"]["total_tokens"], 0);
  EXPECT_EQ(data[6], "[DONE]");
  std::string text;
  for (std::size_t i = 1; i < 4; ++i)
    text += json::parse(data[i])["choices"][0]["delta"]["content"];
  EXPECT_EQ(provider_.entry_of("t-1")["text_sha256"], sha256_hex(text));
}

TEST_F(MockProviderTest, StreamsParallelToolCallsWhoseArgumentsAddUpToJson) {
  const Reply reply = chat("tools=2", true);
  std::vector<std::string> arguments(2);
  for (const std::string& data : events(reply.body)) {
    if (data == "[DONE]") continue;
    const json chunk = json::parse(data);
    const json& delta = chunk["choices"][0]["delta"];
    for (const json& call : delta.value("tool_calls", json::array())) {
      arguments.at(call["index"]) += call["function"].value("arguments", "");
    }
  }
  EXPECT_EQ(json::parse(arguments[0])["number"], 0);
  EXPECT_EQ(json::parse(arguments[1])["number"], 1);
}

TEST_F(MockProviderTest, BreaksOffWhereItWasAskedTo) {
  const Reply cut = chat("events=5 cut_after=2", true);
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(events(cut.body).size(), 2U);
  EXPECT_EQ(provider_.entry_of("t-1")["ending"], "cut");
  const Reply plain = chat("body_bytes=1000 cut_after=100", false);
  EXPECT_FALSE(plain.complete);
  EXPECT_EQ(plain.body.size(), 100U);
  EXPECT_TRUE(chat("drop", false).raw.empty());
}

TEST_F(MockProviderTest, GivesErrorsInTheVendorsShapeWithRetryAfter) {
  const Reply reply = chat("status=429,retry-after=1", false);
  EXPECT_EQ(reply.status, 429U);
  EXPECT_EQ(reply.field("retry-after"), "1");
  EXPECT_EQ(json::parse(reply.body)["error"]["type"], "rate_limit_error");
  EXPECT_EQ(chat("no_such_word", false).status, 400U);
}

TEST_F(MockProviderTest, SendsTheSameEventsHoweverTheyAreCutAndEnded) {
  const auto expected = events(chat("events=6", true).body);
  for (const std::string_view words : {"events=6 dribble", "events=6 crlf", "events=6 batch",
                                       "events=6 until_close", "events=6 interval_ms=5"}) {
    auto got = events(chat(words, true).body);
    ASSERT_EQ(got.size(), expected.size()) << words;
    for (std::size_t i = 0; i + 1 < got.size(); ++i) {
      EXPECT_EQ(json::parse(got[i])["choices"], json::parse(expected[i])["choices"]) << words;
    }
  }
}

TEST_F(MockProviderTest, NoticesAtOnceThatItsClientIsGone) {
  WireClient client(provider_.port());
  client.send(to_bytes(
      {.method = "POST",
       .target = "/v1/chat/completions",
       .fields = {{"content-type", "application/json"}, {"x-mock", "events=1000 interval_ms=50"}},
       .body = R"({"model":"m","stream":true})"}));
  client.read_until("assistant", kPatience);
  client.close();
  EXPECT_TRUE(eventually([&] { return provider_.counters()["client_gone"] == 1; }));
}

TEST_F(MockProviderTest, DescribesWhatArrivesOnAnyOtherPath) {
  const Reply reply = ask(provider_.port(), {.method = "PATCH",
                                             .target = "/some/%2e%2e/path?x=1",
                                             .fields = {{"X-One", "1"}, {"x-one", "2"}},
                                             .body = "hello"});
  const json seen = json::parse(reply.body);
  EXPECT_EQ(seen["target"], "/some/%2e%2e/path?x=1");
  EXPECT_EQ(seen["headers"][1], (json{"X-One", "1"}));
  EXPECT_EQ(seen["headers"][2], (json{"x-one", "2"}));
  EXPECT_EQ(seen["body_sha256"], sha256_hex("hello"));
}

TEST_F(MockProviderTest, KeepsAThousandStreamsApart) {
  ChildProcess::Command command;
  command.arguments = {binary("load-client"),
                       "--url",
                       provider_.url(),
                       "--connections",
                       "1000",
                       "--requests",
                       "1000",
                       "--stream-percent",
                       "100",
                       "--mock",
                       "events=10 interval_ms=20"};
  command.output = scratch_.path("load");
  ASSERT_EQ(ChildProcess(command).wait(kPatience), 0);
  const json summary = json::parse(tests::bytes_of_file(scratch_.path("load")));
  EXPECT_EQ(summary["complete"], 1000) << summary;
}

}  // namespace
}  // namespace albicilla::support
