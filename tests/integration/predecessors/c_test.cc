// Predecessor C: client keys managed by an admin endpoint, OpenAI and Anthropic clients. Its events
// file is a layout of ours and is tested there.
#include "tests/integration/predecessors/fixture.h"

namespace albicilla::support {
namespace {

const std::string kDotEnv =
    "UPSTREAM_BASE_URL=UPSTREAM/v1\nDATA_DIR=./data\nADMIN_TOKEN=my-secret-admin-token-123\n"
    "PORT=PORT\nMAX_LOG_CHUNKS=50\nMAX_LOG_FIELD_SIZE=2000\nFULL_TRACE_LOGGING=false\n";
const std::string kAlice = R"({"api_key": "bsk-xxx", "user_id": "alice", "active": true})";

class PredecessorC : public DocumentedTest {
 protected:
  void start_documented() {
    write(".env", kDotEnv);
    start({});
  }
  Reply upsert(const std::string& body, const std::string& token = "my-secret-admin-token-123") {
    return post("/admin/keys/upsert", body, {{"x-admin-token", token}});
  }
};

TEST_F(PredecessorC, RunsFromItsDotEnvFileAlone) {
  start_documented();
  const json health = json::parse(get("/healthz").body);
  EXPECT_EQ(health["ok"], true);
  EXPECT_THAT(health["upstream"].get<std::string>(), StartsWith(provider_.url()));
  EXPECT_EQ(json::parse(tests::bytes_of_file(path("data/keys.json"))),
            json::parse(R"({"keys":[]})"));
}

TEST_F(PredecessorC, RunsFromVariablesAndPort) {
  start({"--host", "0.0.0.0"}, {"UPSTREAM_BASE_URL=UPSTREAM/v1", "PORT=" + port_text()});
  EXPECT_EQ(chat({{"agent-session-id", "s"}}).status, 200U);
}

TEST_F(PredecessorC, TakesAKeyByItsDocumentedRequestAndUsesIt) {
  start_documented();
  EXPECT_EQ(chat({{"Authorization", "Bearer bsk-xxx"}}).status, 401U);
  const Reply stored = upsert(kAlice);
  EXPECT_EQ(stored.status, 200U);
  EXPECT_EQ(json::parse(stored.body), json::parse(R"({"ok":true})"));
  EXPECT_EQ(chat({{"Authorization", "Bearer bsk-xxx"}}).status, 200U);
  EXPECT_EQ(chat({{"x-api-key", "bsk-xxx"}}, "m-2").status, 200U);
  for (const Line& line : lines(3)) {
    if (line.json["exchange"]["status"] != 200) continue;
    EXPECT_EQ(line.json["exchange"]["user_id"], "alice");
  }
  EXPECT_EQ(upsert(R"({"api_key":"bsk-xxx","user_id":"alice","active":false})").status, 200U);
  EXPECT_EQ(chat({{"x-api-key", "bsk-xxx"}}, "m-3").status, 401U);
}

TEST_F(PredecessorC, RefusesInTheDocumentedOrder) {
  start_documented();
  EXPECT_EQ(upsert(kAlice, "wrong").status, 403U);
  EXPECT_EQ(post("/admin/keys/upsert", kAlice).status, 403U);
  EXPECT_EQ(upsert("nonsense").status, 422U);
  const Reply missing = upsert(R"({"user_id":"alice"})");
  EXPECT_EQ(missing.status, 400U);
  EXPECT_THAT(missing.body, HasSubstr("api_key and user_id required"));
  const Reply none = chat();
  EXPECT_EQ(none.status, 401U);
  EXPECT_THAT(json::parse(none.body)["error"]["message"].get<std::string>(),
              StartsWith("missing api key"));
  const Reply wrong = chat({{"Authorization", "Bearer nobody"}});
  EXPECT_EQ(wrong.status, 401U);
  EXPECT_EQ(json::parse(wrong.body)["error"]["message"], "invalid api key");
  const Reply anthropic = post("/v1/messages", R"({"model":"m","messages":[]})");
  EXPECT_EQ(anthropic.status, 401U);
  EXPECT_EQ(json::parse(anthropic.body)["type"], "error") << "in the shape of the path's API";
}

TEST_F(PredecessorC, PicksUpAKeysFileThatWasEditedByHand) {
  std::filesystem::create_directory(path("data"));
  write("data/keys.json",
        R"({"keys": [{"api_key": "bsk-hand", "user_id": "bob", "active": true}]})");
  start_documented();
  EXPECT_EQ(chat({{"x-api-key", "bsk-hand"}}).status, 200U);
  write("data/keys.json", R"({"keys": [{"api_key": "bsk-new", "user_id": "bob", "active": true},
      {"api_key": "bsk-hand", "user_id": "bob", "active": false}]})");
  EXPECT_TRUE(eventually([&] { return chat({{"x-api-key", "bsk-new"}}, "m-2").status == 200; }));
  EXPECT_EQ(chat({{"x-api-key", "bsk-hand"}}, "m-3").status, 401U);
}

TEST_F(PredecessorC, AnswersAnthropicClientsFromItsOpenaiUpstream) {
  start_documented();
  ASSERT_EQ(upsert(kAlice).status, 200U);
  const Fields key = {{"x-api-key", "bsk-xxx"}, {"anthropic-version", "2023-06-01"}};
  const std::string body = R"({"model":"claude-3-opus-20240229","max_tokens":1024,)"
                           R"("messages":[{"role":"user","content":"Hello! [[marker m-1]]"}])";
  const Reply plain = post("/v1/messages", body + "}", key);
  EXPECT_EQ(plain.status, 200U) << plain.body;
  const json message = json::parse(plain.body);
  EXPECT_EQ(message["type"], "message");
  EXPECT_EQ(message["content"][0]["type"], "text");
  EXPECT_THAT(message["id"].get<std::string>(), StartsWith("msg_"));
  EXPECT_GT(message["usage"]["output_tokens"], 0);
  EXPECT_EQ(provider_.entry_of("m-1")["target"], "/v1/chat/completions");
  const Reply streamed = post("/v1/messages", body + R"(,"stream":true})", key);
  for (const char* event : {"message_start", "content_block_start", "content_block_delta",
                            "content_block_stop", "message_delta", "message_stop"}) {
    EXPECT_THAT(streamed.body, HasSubstr(std::string("event: ") + event + "\n"));
  }
  Fields busy = key;
  busy.emplace_back("x-mock", "status=429");
  const Reply refused = post("/v1/messages", body + "}", busy);
  EXPECT_EQ(refused.status, 429U) << "no fake message";
  EXPECT_EQ(json::parse(refused.body)["type"], "error");
}

TEST_F(PredecessorC, StoresSoManyLinesOfAStreamAsMaxLogChunksSays) {
  std::string three_lines = kDotEnv;
  three_lines.replace(three_lines.find("CHUNKS=50"), 9, "CHUNKS=3");
  write(".env", three_lines);
  start({});
  ASSERT_EQ(upsert(kAlice).status, 200U);
  const Reply streamed = post("/v1/chat/completions", chat_body("m-1", ", \"stream\": true"),
                              {{"x-api-key", "bsk-xxx"}, {"x-mock", "events=9"}});
  ASSERT_EQ(streamed.status, 200U);
  ASSERT_TRUE(eventually([&] { return !tests::bytes_of_file(path("data/events.jsonl")).empty(); }));
  const json event = json::parse(tests::bytes_of_file(path("data/events.jsonl")));
  const json chunks = event["response"]["sse_chunks"];
  ASSERT_EQ(chunks.size(), 3U) << event.dump();
  std::string_view rest = streamed.body;
  for (const json& chunk : chunks) {
    EXPECT_EQ(rest.substr(0, rest.find('\n')), chunk.get<std::string>());
    rest.remove_prefix(rest.find("data:", 5));
  }
}

TEST_F(PredecessorC, SaysThatNoAdminTokenIsConfigured) {
  start({"--host", "127.0.0.1"}, {"UPSTREAM_BASE_URL=UPSTREAM/v1", "PORT=" + port_text()});
  const Reply reply = upsert(kAlice);
  EXPECT_EQ(reply.status, 500U);
  EXPECT_THAT(reply.body, HasSubstr("ADMIN_TOKEN not configured on server"));
}

TEST_F(PredecessorC, NamesTheClientsProgram) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"});
  chat({{"agent-session-id", "s"}, {"x-client-app", "my-tool"}});
  EXPECT_EQ(lines(1)[0].json["exchange"]["client_app"], "my-tool");
}

}  // namespace
}  // namespace albicilla::support
