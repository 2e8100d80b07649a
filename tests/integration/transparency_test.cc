// The proxy is not to be noticed: methods, targets, header fields and bodies reach the other side
// as they were sent.
#include "tests/integration/pipeline_fixture.h"

namespace albicilla::support {
namespace {

// The header fields that the provider saw, without those that the proxy owns.
std::vector<std::pair<std::string, std::string>> seen_fields(const Reply& reply) {
  std::vector<std::pair<std::string, std::string>> fields;
  const json described = json::parse(reply.body);
  for (const json& field : described.at("headers")) {
    const std::string name = field[0];
    if (!equal_without_case(name, "host") && !equal_without_case(name, "connection")) {
      fields.emplace_back(name, field[1]);
    }
  }
  return fields;
}

TEST_F(PipelineTest, RelaysEveryMethodPathAndQueryAsSent) {
  start();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GET", "/v1/things?limit=2&after=%20x"},
      {"DELETE", "/v1/things/abc"},
      {"PATCH", "/some/%2e%2e/path?x=1&x=2"},
      {"OPTIONS", "/v1/chat/completions"},
      {"PUT", "//double//slash"},
      {"POST", "/unknown?"},
      {"GET", "/a%00b?q=%FF"},
  };
  for (const auto& [method, target] : cases) {
    const Reply reply = ask(pipeline_->port(), {.method = method, .target = target});
    json seen = json::parse(reply.body);
    EXPECT_EQ(seen["method"], method) << reply.raw;
    EXPECT_EQ(seen["target"], target) << reply.raw;
  }
}

// What is no legal origin-form (RFC 9112, 3.2.1) is not passed on.
TEST_F(PipelineTest, RefusesATargetWithAPercentThatEncodesNothing) {
  start();
  const Reply reply = ask(pipeline_->port(), {.method = "GET", .target = "/a?bad=%zz"});
  EXPECT_TRUE(reply.raw.starts_with("HTTP/1.1 400 ")) << reply.raw;
}

TEST_F(PipelineTest, KeepsHeaderFieldsSpellingOrderAndDuplicates) {
  start();
  const Reply reply = ask(pipeline_->port(), {.target = "/v1/anything",
                                              .fields = {{"X-ZZ", "1"},
                                                         {"x-aa", "2; q=\"a, b\""},
                                                         {"X-ZZ", "3"},
                                                         {"Anthropic-Beta", "a,b"},
                                                         {"anthropic-beta", "c"},
                                                         {"Authorization", "Bearer sk-secret"},
                                                         {"Cookie", "k=v"}}});
  const auto fields = seen_fields(reply);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"X-ZZ", "1"},           {"x-aa", "2; q=\"a, b\""},
      {"X-ZZ", "3"},           {"Anthropic-Beta", "a,b"},
      {"anthropic-beta", "c"}, {"Authorization", "Bearer sk-secret"},
      {"Cookie", "k=v"}};
  EXPECT_EQ(fields, expected) << reply.body;
}

TEST_F(PipelineTest, DropsHopByHopFieldsAndWhatConnectionNames) {
  start();
  const Reply reply = ask(pipeline_->port(), {.target = "/v1/anything",
                                              .fields = {{"Connection", "x-hop, keep-alive"},
                                                         {"X-Hop", "1"},
                                                         {"Keep-Alive", "timeout=5"},
                                                         {"Proxy-Authorization", "Basic x"},
                                                         {"TE", "trailers"},
                                                         {"X-Stays", "1"}}});
  const std::vector<std::pair<std::string, std::string>> expected = {{"X-Stays", "1"}};
  EXPECT_EQ(seen_fields(reply), expected) << reply.body;
}

TEST_F(PipelineTest, NeverLogsACredential) {
  start();
  Ask what = chat_ask({});
  what.fields.emplace_back("Authorization", "Bearer sk-secret-0123456789");
  what.fields.emplace_back("x-api-key", "key-secret-0123456789");
  ask(pipeline_->port(), what);
  Line line = line_of("s-1");
  EXPECT_EQ(line.text.find("secret-0123456789"), std::string::npos) << line.text;
}

TEST_F(PipelineTest, AnswersHeadWithoutABody) {
  start();
  WireClient client(pipeline_->port());
  for (int i = 0; i < 2; ++i) {
    client.send(to_bytes({.method = "HEAD", .target = "/v1/models"}));
    const Reply reply = client.receive(true);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_GT(parse_number(reply.field("content-length")).value_or(0), 0U);
  }
}

TEST_F(PipelineTest, TakesChunkedRequestBodies) {
  start();
  Ask what = chat_ask({});
  what.fields.emplace_back("Transfer-Encoding", "chunked");
  const std::string body = what.body;
  what.body.clear();
  WireClient client(pipeline_->port());
  client.send(to_bytes(what));
  client.send("5;ext=1\r\n" + body.substr(0, 5) + "\r\n");
  std::array<char, 16> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", body.size() - 5);
  client.send(size.data() + body.substr(5) + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200U);
  EXPECT_EQ(pipeline_->provider().entry_of("m-1")["request_sha256"], sha256_hex(body));
}

TEST_F(PipelineTest, AnswersAClientThatExpects100Continue) {
  start();
  Ask what = chat_ask({});
  what.fields.emplace_back("Expect", "100-continue");
  what.fields.emplace_back("Content-Length", std::to_string(what.body.size()));
  const std::string body = std::move(what.body);
  what.body.clear();
  WireClient client(pipeline_->port());
  client.send(to_bytes(what));
  EXPECT_TRUE(client.read_until("\r\n\r\n", kPatience).starts_with("HTTP/1.1 100"));
  client.send(body);
  EXPECT_EQ(client.receive().status, 200U);
}

TEST_F(PipelineTest, ServesHttp10Clients) {
  start();
  WireClient client(pipeline_->port());
  client.send("GET /v1/models HTTP/1.0\r\nHost: x\r\n\r\n");
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 200U);
  EXPECT_TRUE(reply.complete);
  EXPECT_EQ(json::parse(reply.body)["object"], "list");
}

TEST_F(PipelineTest, LogsOtherRequestsWithoutASessionTogether) {
  start();
  ask(pipeline_->port(), {.target = "/v1/models"});
  Line line = line_of("no-session");
  EXPECT_EQ(line.json["exchange"]["path"], "/v1/models");
  EXPECT_EQ(line.json["request"], nullptr);
  EXPECT_EQ(line.json["response"]["object"], "list");
}

}  // namespace
}  // namespace albicilla::support
