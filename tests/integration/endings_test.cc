// How an exchange may close, and that client, provider and line agree about it.
#include "tests/integration/pipeline_fixture.h"

namespace albicilla::support {
namespace {

using testing::AnyOf;

TEST_F(PipelineTest, RefusesAGeneratingCallWithoutASessionAndSaysWhatIsMissing) {
  start();
  Ask what = chat_ask({});
  what.fields = {{"Content-Type", "application/json"}};
  const Reply reply = ask(pipeline_->port(), what);
  EXPECT_EQ(reply.status, 400U);
  json body = json::parse(reply.body);
  EXPECT_TRUE(body["error"]["message"].is_string()) << reply.body;
  EXPECT_TRUE(body["error"].contains("type"));
  EXPECT_TRUE(body["error"].contains("code"));
  EXPECT_EQ(body["required_headers"], json::array({"agent-session-id", "X-Session-Id"}))
      << reply.body;
  EXPECT_TRUE(body["hint"].is_string());
  EXPECT_FALSE(reply.field("x-albicilla-error").empty());
  EXPECT_EQ(reply.field("x-should-retry"), "false");
  EXPECT_TRUE(pipeline_->provider().entries().empty());
}

TEST_F(PipelineTest, TakesTheOtherSessionHeadersInTheirOrder) {
  start();
  for (const std::string name : {"X-Session-Id", "x-claude-code-session-id", "session_id"}) {
    Ask what = chat_ask({});
    what.fields = {{"Content-Type", "application/json"}, {name, "by-" + name}};
    EXPECT_EQ(ask(pipeline_->port(), what).status, 200U) << name;
    EXPECT_EQ(line_of("by-" + name).json["exchange"]["status"], 200);
  }
}

TEST_F(PipelineTest, PutsTheDefaultModelIntoARequestThatNamesNone) {
  start({.flags = {"--model", "house-model"}});
  Ask what = chat_ask({});
  what.body = R"({"messages":[{"role":"user","content":"[[marker m-1]]"}]})";
  const Reply reply = ask(pipeline_->port(), what);
  EXPECT_EQ(json::parse(reply.body)["model"], "house-model") << reply.raw;
  EXPECT_EQ(line_of("s-1").json["exchange"]["model"], "house-model");
}

TEST_F(PipelineTest, Answers502WhenTheUpstreamCannotBeReached) {
  start({.upstream = "http://127.0.0.1:" + std::to_string(free_port())});
  const Reply reply = chat({});
  EXPECT_EQ(reply.status, 502U) << reply.raw;
  EXPECT_TRUE(json::parse(reply.body)["error"]["message"].is_string()) << reply.body;
  EXPECT_FALSE(reply.field("x-albicilla-error").empty());
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "upstream_error");
  EXPECT_EQ(line.json["exchange"]["status"], 502);
  EXPECT_FALSE(line.json["exchange"]["error"].get<std::string>().empty());
}

TEST_F(PipelineTest, Answers502WhenTheUpstreamClosesWithoutAByte) {
  start();
  EXPECT_EQ(chat({.words = "drop"}).status, 502U);
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "upstream_error");
}

TEST_F(PipelineTest, PassesAnUpstreamErrorOnWithItsHeadersAndBody) {
  start();
  const Reply reply = chat({.words = "status=429,retry-after=1"});
  EXPECT_EQ(reply.status, 429U);
  EXPECT_EQ(reply.field("retry-after"), "1");
  EXPECT_FALSE(reply.field("x-request-id").empty());
  EXPECT_EQ(pipeline_->provider().entry_of("m-1")["response_sha256"], sha256_hex(reply.body));
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["status"], 429);
  EXPECT_EQ(line.json["exchange"]["ending"], "complete");
  EXPECT_EQ(line.json["response"]["error"]["type"], "rate_limit_error");
}

TEST_F(PipelineTest, ABrokenStreamStaysBrokenAndIsLoggedAsFarAsItCame) {
  start();
  for (const std::string how : {"cut_after=3", "reset_after=3"}) {
    const Reply reply =
        chat({.session = how, .words = "events=9 interval_ms=20 " + how, .stream = true});
    EXPECT_EQ(reply.status, 200U);
    EXPECT_FALSE(reply.complete) << how;
    Line line = line_of(how);
    EXPECT_EQ(line.json["exchange"]["ending"], "upstream_truncated") << how;
    EXPECT_NE(line.json["response"].dump().find("m-1"), std::string::npos) << line.text;
  }
}

TEST_F(PipelineTest, ABrokenPlainAnswerStaysBroken) {
  start();
  const Reply reply = chat({.words = "body_bytes=5000 cut_after=1000"});
  EXPECT_FALSE(reply.complete);
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "upstream_truncated");
}

TEST_F(PipelineTest, AClientThatLeavesCancelsTheUpstreamAndIsLogged) {
  start();
  WireClient client(pipeline_->port());
  client.send(to_bytes(chat_ask({.words = "events=2000 interval_ms=20", .stream = true})));
  client.read_until("[[marker m-1]]", kPatience);
  client.close();
  EXPECT_EQ(pipeline_->provider().entry_of("m-1")["ending"], "client_gone");
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "client_abort");
  EXPECT_NE(line.json["response"].dump().find("m-1"), std::string::npos) << line.text;
}

TEST_F(PipelineTest, AClientThatLeavesBeforeTheAnswerCancelsTheUpstreamAndIsLogged) {
  start();
  WireClient client(pipeline_->port());
  client.send(to_bytes(chat_ask({.words = "delay_ms=15000"})));
  ASSERT_TRUE(eventually([&] { return pipeline_->provider().counters()["active"] == 2; }));
  client.close();
  EXPECT_EQ(pipeline_->provider().entry_of("m-1")["ending"], "client_gone");
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "client_abort");
}

TEST_F(PipelineTest, AClientThatHangsUpAtTheTerminalEventHasHadItsAnswer) {
  start();
  for (const std::string session : {"fin", "rst"}) {
    WireClient client(pipeline_->port());
    client.send(to_bytes(
        chat_ask({.session = session, .words = "events=3 linger_ms=300", .stream = true})));
    client.read_until("[DONE]\n\n", kPatience);
    session == "fin" ? client.close() : client.reset();
    Line line = line_of(session);
    EXPECT_THAT(line.json["exchange"]["ending"].get<std::string>(),
                AnyOf("complete", "client_abort_after_end"));
    EXPECT_EQ(line.json["response"]["choices"][0]["finish_reason"], "stop") << line.text;
  }
}

TEST_F(PipelineTest, AnAnswerThatNeverEndsBehindItsTerminalEventIsCancelledWhenTheClientHasGone) {
  start();
  WireClient client(pipeline_->port());
  client.send(to_bytes(chat_ask({.words = "events=3 linger_ms=60000", .stream = true})));
  client.read_until("[DONE]\n\n", kPatience);
  client.close();
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "client_abort_after_end");
  EXPECT_EQ(line.json["response"]["choices"][0]["finish_reason"], "stop") << line.text;
  EXPECT_EQ(pipeline_->provider().entry_of("m-1")["ending"], "client_gone");
}

TEST_F(PipelineTest, WhenToldToDrainTheLogHasTheWholeAnswerOfAClientThatLeft) {
  start({.flags = {"--on-client-abort", "drain"}});
  for (const bool stream : {true, false}) {
    const std::string session = stream ? "streamed" : "plain";
    const std::string words = stream ? "events=30 interval_ms=10" : "delay_ms=2000 body_bytes=5000";
    WireClient client(pipeline_->port());
    client.send(to_bytes(
        chat_ask({.session = session, .marker = session, .words = words, .stream = stream})));
    ASSERT_TRUE(eventually([&] { return pipeline_->provider().counters()["active"] == 2; }));
    client.close();
    Line line = line_of(session);
    EXPECT_EQ(line.json["exchange"]["ending"], "client_abort") << line.text;
    EXPECT_EQ(line.json["exchange"]["usage"]["source"], stream ? "estimated" : "exact");
    EXPECT_FALSE(line.json["exchange"]["truncated"].get<bool>());
    EXPECT_EQ(line.json["response"]["choices"][0]["finish_reason"], "stop") << line.text;
    EXPECT_EQ(pipeline_->provider().entry_of(session)["ending"], "complete");
  }
}

TEST_F(PipelineTest, DrainingEndsWhereTheLogTakesNoMore) {
  start({.flags = {"--on-client-abort", "drain", "--capture-limit", "32KiB"}});
  {
    WireClient client(pipeline_->port());
    client.send(to_bytes(
        chat_ask({.words = "events=2000 event_bytes=1000 interval_ms=5", .stream = true})));
    client.read_until("data: ", std::chrono::milliseconds(5000));
    client.reset();
  }
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "client_abort");
  EXPECT_TRUE(line.json["exchange"]["truncated"].get<bool>());
  EXPECT_LT(line.json["exchange"]["chunks"].get<int>(), 1000);
}

TEST_F(PipelineTest, AStreamThatOutlastsTheDrainTimeIsCutAndSaysSo) {
  start({.flags = {"--drain-timeout", "1s"}});
  WireClient client(pipeline_->port());
  client.send(to_bytes(chat_ask({.words = "events=2000 interval_ms=20", .stream = true})));
  client.read_until("[[marker m-1]]", kPatience);
  EXPECT_EQ(pipeline_->stop(), 0);
  EXPECT_FALSE(client.receive().complete);
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "shutdown");
  EXPECT_NE(line.json["response"].dump().find("m-1"), std::string::npos) << line.text;
}

TEST_F(PipelineTest, LogsAStreamThatEndsWithoutItsTerminalEvent) {
  start();
  EXPECT_TRUE(chat({.words = "no_done", .stream = true}).complete);
  Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["status"], 200);
  EXPECT_NE(line.json["response"].dump().find("m-1"), std::string::npos) << line.text;
}

TEST_F(PipelineTest, LogsAnswersThatAreNotJsonAsText) {
  start();
  const Reply reply = chat({.words = "bad_json"});
  EXPECT_EQ(line_of("s-1").json["response"], reply.body);
}

}  // namespace
}  // namespace albicilla::support
