// One exchange through the whole pipeline: what the client gets, what the provider sees, and the
// line.
#include <algorithm>

#include "tests/fault/log_evidence.h"
#include "tests/integration/pipeline_fixture.h"

namespace albicilla::support {
namespace {

using testing::AnyOf;
using testing::ElementsAre;

std::vector<std::string> names_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

// A member of the line as it stands in its text.
std::string_view raw(const Line& line, std::string_view name) {
  const auto members = fault::members_of(line.text);
  for (const fault::Member& member : members.value_or(std::vector<fault::Member>())) {
    if (member.name == name) return member.text;
  }
  return {};
}

TEST_F(PipelineTest, PassesAPlainAnswerThroughAndLogsBothBodiesVerbatim) {
  start();
  const Reply reply = chat({});
  ASSERT_EQ(reply.status, 200U) << reply.raw;
  json seen = pipeline_->provider().entry_of("m-1");
  EXPECT_EQ(seen["request_sha256"], sha256_hex(chat_body({})));
  EXPECT_EQ(seen["response_sha256"], sha256_hex(reply.body));
  Line line = line_of("s-1");
  EXPECT_EQ(raw(line, "request"), chat_body({}));
  EXPECT_EQ(raw(line, "response"), reply.body);
}

TEST_F(PipelineTest, WritesTheLineExactlyAsSpecified) {
  start();
  chat({});
  Line line = line_of("s-1");
  EXPECT_THAT(names_of(line.json),
              ElementsAre("timestamp", "session_id", "request", "response", "exchange", "chain"));
  const auto& exchange = line.json["exchange"];
  EXPECT_THAT(names_of(exchange),
              ElementsAre("id", "producer", "seq", "worker", "started_at", "duration_ms", "ttft_ms",
                          "method", "path", "query", "status", "ending", "streaming", "dialect",
                          "upstream", "upstream_id", "model", "user_id", "client_app", "client_ip",
                          "attempt", "request_headers", "response_headers", "request_bytes",
                          "response_bytes", "chunks", "usage", "error", "redactions", "truncated"));
  EXPECT_THAT(names_of(exchange["usage"]),
              ElementsAre("input_tokens", "output_tokens", "total_tokens", "cached_tokens",
                          "reasoning_tokens", "source"));
  EXPECT_THAT(names_of(line.json["chain"]), ElementsAre("n", "h"));
  const std::string timestamp = line.json["timestamp"];
  EXPECT_THAT(timestamp, testing::MatchesRegex("....-..-..T..:..:..\\.......\\+00:00"));
  EXPECT_EQ(line.file, std::filesystem::path(timestamp.substr(0, 10)) / "s-1.jsonl");
}

TEST_F(PipelineTest, SaysInTheLineWhatHappened) {
  start();
  const Reply reply = chat({});
  auto exchange = line_of("s-1").json["exchange"];
  EXPECT_EQ(exchange["method"], "POST");
  EXPECT_EQ(exchange["path"], "/v1/chat/completions");
  EXPECT_EQ(exchange["status"], 200);
  EXPECT_EQ(exchange["ending"], "complete");
  EXPECT_EQ(exchange["streaming"], false);
  EXPECT_EQ(exchange["dialect"], "openai_chat");
  EXPECT_EQ(exchange["upstream"], pipeline_->provider().url());
  EXPECT_EQ(exchange["upstream_id"], json::parse(reply.body)["id"]);
  EXPECT_EQ(exchange["model"], "gpt-4o");
  EXPECT_EQ(exchange["request_bytes"], chat_body({}).size());
  EXPECT_EQ(exchange["response_bytes"], reply.body.size());
  EXPECT_EQ(exchange["usage"]["source"], "exact");
  EXPECT_EQ(exchange["usage"]["total_tokens"], json::parse(reply.body)["usage"]["total_tokens"]);
  EXPECT_GE(exchange["duration_ms"], 0);
  EXPECT_EQ(exchange["seq"], 1);
}

TEST_F(PipelineTest, PassesAStreamThroughAndLogsItAssembled) {
  start();
  const ChatAsk what = {
      .words = "events=6", .stream = true, .more = R"(,"stream_options":{"include_usage":true})"};
  const Reply reply = chat(what);
  ASSERT_TRUE(reply.complete) << reply.raw;
  json seen = pipeline_->provider().entry_of("m-1");
  EXPECT_EQ(seen["response_sha256"], sha256_hex(reply.body));
  Line line = line_of("s-1");
  const auto& response = line.json["response"];
  EXPECT_EQ(response["object"], "chat.completion");
  const auto& choice = response["choices"][0];
  EXPECT_EQ(choice["message"]["role"], "assistant");
  EXPECT_EQ(sha256_hex(choice["message"]["content"].get<std::string>()), seen["text_sha256"]);
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_GT(response["usage"]["total_tokens"], 0);
  EXPECT_EQ(line.json["exchange"]["streaming"], true);
  EXPECT_EQ(line.json["exchange"]["ending"], "complete");
  EXPECT_GE(line.json["exchange"]["ttft_ms"], 0);
  EXPECT_EQ(line.json["exchange"]["usage"]["source"], "exact");
}

TEST_F(PipelineTest, AssemblesParallelToolCallsAndAllChoices) {
  start();
  chat({.words = "tools=3 choices=2", .stream = true});
  Line line = line_of("s-1");
  ASSERT_EQ(line.json["response"]["choices"].size(), 2U) << line.text;
  for (const auto& choice : line.json["response"]["choices"]) {
    const auto& calls = choice["message"]["tool_calls"];
    ASSERT_EQ(calls.size(), 3U) << line.text;
    for (std::size_t i = 0; i < 3; ++i) {
      const json arguments = json::parse(calls[i]["function"]["arguments"].get<std::string>());
      EXPECT_EQ(arguments["number"], i);
      EXPECT_EQ(calls[i]["function"]["name"], "get_weather");
      EXPECT_EQ(calls[i]["type"], "function");
    }
    EXPECT_EQ(choice["finish_reason"], "tool_calls");
  }
}

TEST_F(PipelineTest, LogsTheSameAnswerHoweverTheStreamIsCutAndEnded) {
  start();
  const std::vector<std::string> ways = {
      "events=6",       "events=6 dribble",     "events=6 crlf",
      "events=6 batch", "events=6 until_close", "events=6 dribble=7"};
  for (std::size_t i = 0; i < ways.size(); ++i) {
    chat({.session = "w-" + std::to_string(i), .words = ways[i], .stream = true});
  }
  const auto expected = line_of("w-0").json["response"]["choices"];
  for (std::size_t i = 1; i < ways.size(); ++i) {
    Line line = line_of("w-" + std::to_string(i));
    EXPECT_EQ(line.json["response"]["choices"], expected) << ways[i];
    EXPECT_EQ(line.json["exchange"]["ending"], "complete") << ways[i];
  }
}

TEST_F(PipelineTest, HandsOnEachEventWhenItComes) {
  start();
  WireClient client(pipeline_->port());
  client.send(to_bytes(chat_ask({.words = "events=3 interval_ms=400", .stream = true})));
  const std::string early = client.read_until("[[marker m-1]]", kPatience);
  EXPECT_EQ(early.find("[DONE]"), std::string::npos);
  EXPECT_TRUE(client.receive().complete);
}

TEST_F(PipelineTest, NumbersTheLinesOfASessionInOneFile) {
  start();
  for (int i = 0; i < 3; ++i) chat({.marker = "m-" + std::to_string(i)});
  chat({.session = "s-2"});
  const auto lines = pipeline_->lines_of("s-1", 3);
  ASSERT_EQ(lines.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(lines[i].json["chain"]["n"], i + 1);
  EXPECT_EQ(line_of("s-2").json["chain"]["n"], 1);
}

TEST_F(PipelineTest, GoesOnWithTheChainAfterARestart) {
  start();
  chat({});
  pipeline_->lines_of("s-1", 1);
  EXPECT_EQ(pipeline_->stop(), 0);
  ASSERT_TRUE(pipeline_->start());
  chat({});
  const auto lines = pipeline_->lines_of("s-1", 2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].json["chain"]["n"], 2);
  EXPECT_NE(lines[0].json["exchange"]["producer"], lines[1].json["exchange"]["producer"]);
}

TEST_F(PipelineTest, FinishesRunningStreamsBeforeItStops) {
  start();
  WireClient client(pipeline_->port());
  client.send(to_bytes(chat_ask({.words = "events=10 interval_ms=50", .stream = true})));
  client.read_until("assistant", kPatience);
  EXPECT_EQ(pipeline_->stop(), 0);
  EXPECT_TRUE(client.receive().complete);
  EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "complete");
}

TEST_F(PipelineTest, KeepsAConnectionForManyRequests) {
  start();
  WireClient client(pipeline_->port());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.send(to_bytes(chat_ask({.stream = i % 2 == 0}))));
    const Reply reply = client.receive();
    ASSERT_EQ(reply.status, 200U);
    ASSERT_TRUE(reply.complete);
  }
  EXPECT_EQ(pipeline_->lines_of("s-1", 20).size(), 20U);
}

TEST_F(PipelineTest, CarriesBodiesOfManyMegabytesUnchanged) {
  start();
  const std::string filler(5'000'000, 'y');
  const ChatAsk what = {.words = "body_bytes=7000000", .more = ",\"filler\":\"" + filler + "\""};
  const Reply reply = chat(what);
  json seen = pipeline_->provider().entry_of("m-1");
  EXPECT_EQ(seen["request_sha256"], sha256_hex(chat_body(what)));
  EXPECT_EQ(seen["response_sha256"], sha256_hex(reply.body));
  Line line = line_of("s-1");
  EXPECT_EQ(sha256_hex(raw(line, "request")), seen["request_sha256"]);
  EXPECT_EQ(sha256_hex(raw(line, "response")), seen["response_sha256"]);
}

TEST_F(PipelineTest, KeepsAStreamAlsoAsItCameWhenAskedTo) {
  start({.flags = {"--keep-wire"}});
  const Reply reply = chat({.words = "events=5 interval_ms=2", .stream = true});
  ASSERT_EQ(reply.status, 200U) << reply.raw;
  const Line line = line_of("s-1");
  const auto& exchange = line.json["exchange"];
  std::string said;
  double before = exchange["ttft_ms"];
  for (const auto& chunk : exchange["wire"]) {
    EXPECT_GE(chunk[0].get<double>(), before);
    before = chunk[0];
    said += chunk[1].get<std::string>();
  }
  EXPECT_LE(before, exchange["duration_ms"].get<double>());
  EXPECT_EQ(said, reply.body);
  EXPECT_GE(exchange["wire"].size(), 5U);
  EXPECT_EQ(line.json["response"]["object"], "chat.completion");
}

}  // namespace
}  // namespace albicilla::support
