// Clients of one API on upstreams of the other, through the whole pipeline: what the client sees,
// what the upstream sees, and that the line holds both.
#include <array>
#include <thread>

#include "tests/integration/pipeline_fixture.h"
#include "tests/support/scripted_upstream.h"

namespace albicilla::support {
namespace {

using std::chrono::milliseconds;

class Translated : public PipelineTest {
 protected:
  // An Anthropic client's request; `words` are for the mock provider.
  static Ask message_ask(const std::string& words = "", bool stream = false,
                         const std::string& more = "") {
    json body = {{"model", "claude-x"},
                 {"max_tokens", 100},
                 {"system", "Be brief."},
                 {"messages", {{{"role", "user"}, {"content", "[[marker m-1]] Zürich"}}}}};
    if (stream) body["stream"] = true;
    if (!more.empty()) body.update(json::parse(more));
    return {.method = "POST",
            .target = "/v1/messages?beta=true",
            .fields = {{"Content-Type", "application/json"},
                       {"anthropic-version", "2023-06-01"},
                       {"x-api-key", "sk-ant-client"},
                       {"agent-session-id", "s-1"},
                       {"x-mock", words}},
            .body = body.dump()};
  }
  Reply message(const std::string& words = "", bool stream = false, const std::string& more = "") {
    return ask(pipeline_->port(), message_ask(words, stream, more));
  }

  static std::vector<std::string> event_names(const std::string& stream) {
    std::vector<std::string> names;
    for (std::size_t at = 0; (at = stream.find("event: ", at)) != std::string::npos;) {
      at += 7;
      names.push_back(stream.substr(at, stream.find('\n', at) - at));
    }
    return names;
  }
};

TEST_F(Translated, AnAnthropicClientGetsItsAnswerFromAnOpenAIUpstream) {
  start();
  const Reply reply = message();
  ASSERT_EQ(reply.status, 200U) << reply.raw;
  EXPECT_EQ(reply.field("content-type"), "application/json");
  const json answer = json::parse(reply.body);
  EXPECT_EQ(answer["type"], "message");
  EXPECT_NE(answer["content"][0]["text"].get<std::string>().find("m-1"), std::string::npos);
  const json seen = pipeline_->provider().entry_of("m-1");
  EXPECT_EQ(seen["target"], "/v1/chat/completions");

  const Line line = line_of("s-1");
  const auto& exchange = line.json["exchange"];
  EXPECT_EQ(exchange["dialect"], "anthropic_messages");
  EXPECT_EQ(exchange["ending"], "complete");
  EXPECT_EQ(exchange["usage"]["source"], "exact");
  EXPECT_EQ(line.json["request"].dump(), nlohmann::ordered_json::parse(message_ask().body).dump());
  EXPECT_EQ(json::parse(line.json["response"].dump()), answer);
  const auto& translation = exchange["translation"];
  EXPECT_EQ(translation["name"], "anthropic_to_openai_chat");
  EXPECT_EQ(translation["request"]["messages"][0]["role"], "system");
  EXPECT_EQ(translation["response"]["object"], "chat.completion");
}

TEST_F(Translated, AStreamKeepsItsEventsAndBothSidesAreLogged) {
  start();
  const Reply reply = message("events=5 tools=2 reasoning", true);
  ASSERT_EQ(reply.status, 200U) << reply.raw;
  EXPECT_TRUE(reply.complete);
  EXPECT_EQ(reply.field("content-type"), "text/event-stream");
  const auto names = event_names(reply.body);
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "message_start");
  EXPECT_EQ(names.back(), "message_stop");
  const Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "complete");
  EXPECT_TRUE(line.json["exchange"]["streaming"].get<bool>());
  EXPECT_EQ(line.json["response"]["type"], "message");
  EXPECT_EQ(line.json["response"]["stop_reason"], "tool_use");
  const auto& upstream = line.json["exchange"]["translation"]["response"];
  EXPECT_EQ(upstream["object"], "chat.completion");
  EXPECT_EQ(upstream["choices"][0]["message"]["tool_calls"].size(), 2U);
}

TEST_F(Translated, EventsAreNotHeldBack) {
  start();
  WireClient client(pipeline_->port());
  client.send(to_bytes(message_ask("events=200 interval_ms=50", true)));
  const auto begun = std::chrono::steady_clock::now();
  const std::string got = client.read_until("content_block_delta", kPatience);
  EXPECT_NE(got.find("content_block_delta"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  client.close();
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "client_abort");
}

TEST_F(Translated, AnUpstreamsErrorIsSaidInTheClientsWords) {
  start();
  const Reply reply = message("status=429,retry-after=7");
  EXPECT_EQ(reply.status, 429U);
  EXPECT_EQ(reply.field("retry-after"), "7");
  const json body = json::parse(reply.body);
  EXPECT_EQ(body["type"], "error");
  EXPECT_EQ(body["error"]["type"], "rate_limit_error");
  const Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["status"], 429);
  EXPECT_TRUE(line.json["exchange"]["translation"]["response"].contains("error"));
}

TEST_F(Translated, ABrokenStreamIsNeverEndedCleanly) {
  start();
  const Reply reply = message("events=6 interval_ms=20 cut_after=2", true);
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.body.find("message_stop"), std::string::npos);
  EXPECT_NE(reply.raw.find("event: error"), std::string::npos);
  EXPECT_FALSE(reply.complete);
  const Line line = line_of("s-1");
  EXPECT_EQ(line.json["exchange"]["ending"], "upstream_truncated");
  EXPECT_NE(line.json["response"].dump().find("m-1"), std::string::npos) << line.text;
}

TEST_F(Translated, WhatCannotBeSaidIsRefusedWithoutTheUpstream) {
  start();
  const Reply reply =
      message("", false, R"({"tools":[{"type":"web_search_20250305","name":"web_search"}]})");
  EXPECT_EQ(reply.status, 400U);
  EXPECT_EQ(json::parse(reply.body)["type"], "error");
  EXPECT_EQ(reply.field("x-albicilla-error"), "not_translatable");
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "refused");
  EXPECT_TRUE(pipeline_->provider().entries().empty());
}

TEST_F(Translated, TokensAreCountedByAnEstimateThatSaysSo) {
  start();
  Ask what = message_ask();
  what.target = "/v1/messages/count_tokens";
  what.body = R"({"model":"claude-x","messages":[{"role":"user","content":"Hello there"}]})";
  const Reply reply = ask(pipeline_->port(), what);
  ASSERT_EQ(reply.status, 200U) << reply.raw;
  const json body = json::parse(reply.body);
  EXPECT_TRUE(body["estimated"].get<bool>());
  EXPECT_GT(body["input_tokens"].get<int>(), 0);
  EXPECT_TRUE(pipeline_->provider().entries().empty());
}

TEST_F(Translated, AnOpenAIClientGetsItsAnswerFromAnAnthropicUpstream) {
  start({.flags = {"--type", "anthropic"}});
  Ask what = chat_ask({});
  what.body = R"({"model":"gpt-4o","messages":[{"role":"user","content":"[[marker m-1]] hi"}]})";
  what.fields[1].second = "s-2";
  const Reply plain = ask(pipeline_->port(), what);
  ASSERT_EQ(plain.status, 200U) << plain.raw;
  EXPECT_EQ(json::parse(plain.body)["object"], "chat.completion");
  EXPECT_EQ(pipeline_->provider().entry_of("m-1")["target"], "/v1/messages");
  const Line line = line_of("s-2");
  EXPECT_EQ(line.json["exchange"]["translation"]["name"], "openai_chat_to_anthropic");
  EXPECT_EQ(line.json["exchange"]["translation"]["response"]["type"], "message");

  what.body =
      R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"[[marker m-3]]"}]})";
  what.fields[1].second = "s-3";
  const Reply stream = ask(pipeline_->port(), what);
  EXPECT_TRUE(stream.complete);
  EXPECT_TRUE(stream.body.ends_with("data: [DONE]\n\n")) << stream.body;
  EXPECT_EQ(line_of("s-3").json["response"]["object"], "chat.completion");
}

TEST_F(Translated, AnUpstreamThatCompressesAnywayIsUnderstood) {
  start();
  for (const std::string words : {"encoding=gzip", "encoding=br events=4"}) {
    const bool stream = words.find("events") != std::string::npos;
    Ask what = message_ask(words, stream);
    what.fields[3].second = words.substr(9, 2);
    what.fields.emplace_back("accept-encoding", "gzip, br");
    const Reply reply = ask(pipeline_->port(), what);
    EXPECT_EQ(reply.status, 200U) << reply.raw;
    EXPECT_NE(reply.body.find("m-1"), std::string::npos) << reply.body;
    EXPECT_EQ(reply.field("content-encoding"), "");
  }
}

TEST_F(Translated, ASilentUpstreamIsBridgedBySignsOfLife) {
  const auto chunk = [](const std::string& event) {
    std::array<char, 24> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", event.size());
    return size.data() + event + "\r\n";
  };
  const std::string start_of =
      R"(data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[)"
      R"({"index":0,"delta":)";
  ScriptedUpstream upstream([&](UpstreamPeer& peer) {
    peer.read_request();
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
        "chunked\r\n\r\n" +
        chunk(start_of + R"({"role":"assistant","content":"Hi"}}]})" + "\n\n"));
    std::this_thread::sleep_for(milliseconds(11'000));
    peer.send(chunk(start_of + R"({},"finish_reason":"stop"}]})" + "\n\ndata: [DONE]\n\n") +
              "0\r\n\r\n");
    peer.wait_closed();
  });
  start({.upstream = upstream.url()});
  const Reply reply = message("", true);
  EXPECT_TRUE(reply.complete);
  const auto names = event_names(reply.body);
  EXPECT_THAT(names, testing::Contains("ping"));
  EXPECT_EQ(names.back(), "message_stop");
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "complete");
  pipeline_.reset();
}

}  // namespace
}  // namespace albicilla::support
