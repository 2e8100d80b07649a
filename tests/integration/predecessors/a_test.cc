// Predecessor A, both versions: a logger of chat completions by session, and its converter. Every
// command, variable and request of its documents, as written there, with our binaries.
#include "tests/integration/predecessors/fixture.h"

namespace albicilla::support {
namespace {

class PredecessorA : public DocumentedTest {
 protected:
  // One exchange in a session and the file that it left.
  void expect_a_logged_chat(const std::string& root = "proxy_logs") {
    EXPECT_EQ(chat({{"agent-session-id", "session-id"}}).status, 200U);
    const auto found = lines(1, root);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].file.string(), testing::MatchesRegex("20..-..-../session-id.jsonl"));
    const auto& line = found[0].json;
    EXPECT_THAT(line["timestamp"].get<std::string>(), testing::EndsWith("+00:00"));
    EXPECT_EQ(line["session_id"], "session-id");
    EXPECT_EQ(line["request"]["model"], "gpt-4o-mini");
    EXPECT_TRUE(line["response"]["choices"].is_array());
  }

  Ran convert(std::vector<std::string> words) {
    words.insert(words.begin(), {"--logs", "./proxy_logs", "--output", "./output"});
    return run("albicilla-conv", std::move(words));
  }
};

TEST_F(PredecessorA, StartsByItsDocumentedCommand) {
  start({"--upstream", "UPSTREAM", "--log-root", "./proxy_logs", "--host", "127.0.0.1", "--port",
         "PORT"});
  expect_a_logged_chat();
}

TEST_F(PredecessorA, StartsByTheOlderVersionsFlag) {
  start({"--upstream-endpoint", "UPSTREAM", "--log-root", "./proxy_logs", "--host", "127.0.0.1",
         "--port", "PORT"});
  expect_a_logged_chat();
}

TEST_F(PredecessorA, StartsByItsDocumentedVariables) {
  start({}, {"PROXY_UPSTREAM_ENDPOINT=UPSTREAM", "PROXY_DEFAULT_MODEL=gpt-4o-mini",
             "PROXY_LOG_ROOT=./proxy_logs", "PROXY_HOST=127.0.0.1", "PROXY_PORT=" + port_text(),
             "PROXY_VERBOSE=false", "PROXY_SESSION_HEADER=agent-session-id",
             "PROXY_REQUIRE_SESSION_HEADER=true", "PROXY_ALLOW_BEARER_FALLBACK=false"});
  expect_a_logged_chat();
  EXPECT_EQ(chat().status, 400U);
}

TEST_F(PredecessorA, TakesItsShortFlags) {
  start({"-u", "UPSTREAM", "-m", "own-model", "-l", "logs", "-h", "127.0.0.1", "-p", "PORT", "-r",
         "-v"});
  const Reply reply =
      post("/v1/chat/completions", R"({"messages":[{"role":"user","content":"[[marker m-1]]"}]})",
           {{"agent-session-id", "s"}});
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(json::parse(reply.body)["model"], "own-model");
  EXPECT_THAT(said(), HasSubstr(" debug "));
  EXPECT_FALSE(lines(1, "logs")[0].json["request"].contains("model")) << "logged as it was sent";
}

TEST_F(PredecessorA, RunsInAContainerWithWordsBehindTheImage) {
  const std::string root = path("app/proxy_logs");
  start({"--upstream", "UPSTREAM", "--log-root", root}, {"PROXY_PORT=" + port_text()});
  expect_a_logged_chat("app/proxy_logs");
}

TEST_F(PredecessorA, WrongUseIsSaidOnStderrWithStatusTwo) {
  const Ran none = run("albicilla-proxy", {});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.output, HasSubstr("--upstream"));
  EXPECT_EQ(run("albicilla-proxy", {"--upstream", "UPSTREAM", "--port", "nine"}).status, 2);
  const Ran unknown = run("albicilla-proxy", {"--upstreem", "UPSTREAM"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.output, HasSubstr("--upstream"));
}

TEST_F(PredecessorA, SaysWhatToDoWithoutASessionHeader) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"});
  for (const Fields& fields : {Fields{}, Fields{{"agent-session-id", "   "}}}) {
    const Reply reply = chat(fields);
    EXPECT_EQ(reply.status, 400U);
    const json body = json::parse(reply.body);
    EXPECT_EQ(body["error"]["message"], "Missing required session header.");
    EXPECT_EQ(body["required_headers"], json::array({"agent-session-id", "X-Session-Id"}));
    EXPECT_EQ(body["hint"],
              "Provide a session header or disable enforcement with --no-require-session-header.");
  }
  EXPECT_EQ(chat({{"X-Session-Id", "x"}}).status, 200U);
}

TEST_F(PredecessorA, TakesACustomSessionHeaderBeforeTheFallback) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT", "--session-header",
         "my-run"});
  EXPECT_EQ(chat({{"my-run", "mine"}, {"X-Session-Id", "other"}}).status, 200U);
  EXPECT_EQ(lines(1)[0].json["session_id"], "mine");
  EXPECT_EQ(chat({{"agent-session-id", "s"}}).status, 400U);
}

TEST_F(PredecessorA, NamesSessionsByBodyBearerOrRequestWhenAskedTo) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT",
         "--no-require-session-header", "--allow-bearer-token-fallback", "--workers", "4"});
  const Fields bearer = {{"Authorization", "Bearer sk-secret-token"}};
  post("/v1/chat/completions", chat_body("m-1", R"(,"user":"alice")"), bearer);
  EXPECT_EQ(lines(1).back().json["session_id"], "alice");
  chat(bearer, "m-2");
  chat(bearer, "m-3");
  chat({}, "m-4");
  chat({}, "m-5");
  std::multiset<std::string> ids;
  for (const Line& line : lines(5)) {
    ids.insert(line.json["session_id"]);
    EXPECT_THAT(line.text, Not(HasSubstr("sk-secret-token")));
  }
  const auto bearers = std::count_if(ids.begin(), ids.end(), [](const std::string& id) {
    return id.starts_with("bearer-") && id.size() == 19;
  });
  const auto anonymous = std::count_if(ids.begin(), ids.end(), [](const std::string& id) {
    return id.starts_with("anon-") && id.size() == 17;
  });
  EXPECT_EQ(bearers, 2);
  EXPECT_EQ(anonymous, 2);
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 4U) << "one bearer, each anonymous its own";
}

TEST_F(PredecessorA, MakesASafeFileNameOfAnySessionId) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"});
  const std::string longest(300, 'x');
  for (const std::string& id :
       {std::string("../../etc/pass wd.x"), std::string("a/b"), std::string("a_b"), longest}) {
    EXPECT_EQ(chat({{"agent-session-id", id}}).status, 200U);
  }
  std::set<std::string> files;
  std::set<std::string> ids;
  for (const Line& line : lines(4)) {
    files.insert(line.file.filename());
    ids.insert(line.json["session_id"]);
    EXPECT_EQ(std::distance(line.file.begin(), line.file.end()), 2);
  }
  EXPECT_EQ(files.size(), 4U) << "two ids never share a file";
  EXPECT_TRUE(files.contains("a_b.jsonl"));
  EXPECT_TRUE(ids.contains("../../etc/pass wd.x"));
  EXPECT_TRUE(ids.contains(longest)) << "predecessor A lost this record";
}

TEST_F(PredecessorA, PassesOnWhatItRefusedOrLost) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"});
  const Fields session = {{"agent-session-id", "s"}};
  const std::string body =
      R"({"model":"gpt-4o","response_format":{"type":"json_schema","json_schema":{"name":"n"}},)"
      R"("messages":[{"role":"function","name":"f","content":"1","cache_control":{"type":"x"}},)"
      R"({"role":"user","content":"[[marker m-1]]"}],"tools":[{"type":"custom","custom":{"name":"c"}}]})";
  EXPECT_EQ(post("/v1/chat/completions?trace=1", body, session).status, 200U);
  const json entry = provider_.entry_of("m-1");
  EXPECT_EQ(entry["target"], "/v1/chat/completions?trace=1");
  EXPECT_EQ(entry["request_sha256"], sha256_of(body)) << "byte for byte";
  EXPECT_EQ(json::parse(lines(1)[0].text)["request"], json::parse(body));
  Fields busy = session;
  busy.emplace_back("x-mock", "status=429 retry_after=7");
  const Reply refused = chat(busy, "m-2");
  EXPECT_EQ(refused.status, 429U);
  EXPECT_EQ(refused.field("retry-after"), "7");
  EXPECT_EQ(lines(2).back().json["exchange"]["status"], 429) << "errors have lines as well";
}

TEST_F(PredecessorA, AnswersInTheApisShapeWhenTheUpstreamIsAway) {
  start({"--upstream", "http://127.0.0.1:" + std::to_string(free_port()), "--host", "127.0.0.1",
         "--port", "PORT"});
  const Reply reply = chat({{"agent-session-id", "s"}});
  EXPECT_EQ(reply.status, 502U);
  EXPECT_TRUE(json::parse(reply.body)["error"]["message"].is_string());
  EXPECT_EQ(lines(1)[0].json["exchange"]["ending"], "upstream_error");
}

TEST_F(PredecessorA, NeedsNoSecondV1) {
  start({"--upstream", "UPSTREAM/v1/", "--host", "127.0.0.1", "--port", "PORT"});
  EXPECT_EQ(chat({{"agent-session-id", "s"}}).status, 200U);
  EXPECT_EQ(provider_.entry_of("m-1")["target"], "/v1/chat/completions");
}

TEST_F(PredecessorA, SaysThatItIsHealthyAndTakesSessionPrefixes) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"});
  EXPECT_EQ(get("/health").status, 200U);
  EXPECT_EQ(json::parse(get("/health").body)["status"], "healthy");
  const Reply cleared = ask(port_, {.method = "POST", .target = "/sessions"});
  EXPECT_EQ(cleared.status, 200U);
  EXPECT_EQ(cleared.body, "");
  EXPECT_EQ(post("/sessions", R"({"session_id":"s","session_prefix":"scenario"})").status, 200U);
  chat({{"agent-session-id", "s"}});
  const Line line = lines(1)[0];
  EXPECT_EQ(line.file.filename(), "scenario-s.jsonl");
  EXPECT_EQ(line.json["session_id"], "s");
  EXPECT_EQ(post("/sessions", R"({"session_prefix":"x"})").status, 422U);
}

TEST_F(PredecessorA, ConvertsByItsDocumentedCommands) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"});
  chat({{"agent-session-id", "one"}});
  chat({{"agent-session-id", "two"}}, "m-2");
  const std::string day = lines(2)[0].file.begin()->string();

  EXPECT_EQ(convert({}).status, 0);
  const std::string daily = tests::bytes_of_file(path("output/" + day + "/conversations.jsonl"));
  EXPECT_EQ(std::count(daily.begin(), daily.end(), '\n'), 2);
  const json row = json::parse(daily.substr(0, daily.find('\n')));
  EXPECT_EQ(row["messages"].size(), 2U);
  EXPECT_TRUE(row["tools"].is_array());

  EXPECT_EQ(convert({"--single-file"}).status, 0);
  const std::string single = tests::bytes_of_file(path("output/conversations.jsonl"));
  EXPECT_EQ(std::count(single.begin(), single.end(), '\n'), 2);
  EXPECT_EQ(convert({"--no-json-tool-calls"}).status, 0);
  EXPECT_EQ(convert({"-s", "-J"}).status, 0);
  EXPECT_EQ(convert({"-v"}).status, 0);
  EXPECT_EQ(run("albicilla-conv", {"-l", "./nowhere", "-o", "./output"}).status, 2);
  std::filesystem::create_directory(path("empty"));
  const Ran nothing = run("albicilla-conv", {"-l", "./empty", "-o", "./output2"});
  EXPECT_EQ(nothing.status, 0);
  EXPECT_THAT(nothing.output, HasSubstr("No sessions found to process."));
}

}  // namespace
}  // namespace albicilla::support
