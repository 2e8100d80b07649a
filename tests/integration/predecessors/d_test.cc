// Predecessor D: a gateway with a YAML file, middlewares and sessions by history. Its trace files
// are a layout of ours and are tested there; its sessions in tests/integration/sessions_test.cc.
#include "tests/integration/predecessors/fixture.h"

namespace albicilla::support {
namespace {

const std::string kReadmeYaml = R"(# config.yaml
server:
  port: PORT
  host: "0.0.0.0"

llm:
  base_url: "UPSTREAM"
  type: "openai"
  api_key: "sk-your-key-here"

middlewares:
  - type: "trace"
    enabled: true
    config:
      directory: "./traces"
      include_headers: true
      include_body: true
      max_body_size: 1048576  # 1MB
  - type: "printer"
    enabled: true
    config:
      log_requests: true
      log_responses: true
      log_body: false

session:
  enabled: true
  max_sessions: 10000
  session_ttl_seconds: 3600
)";

class PredecessorD : public DocumentedTest {};

TEST_F(PredecessorD, StartsByItsDocumentedCommand) {
  start({"--base-url", "UPSTREAM", "--type", "openai", "--api-key", "sk-your-key", "--port", "PORT",
         "--host", "127.0.0.1", "--log-level", "INFO"});
  EXPECT_EQ(chat({{"agent-session-id", "s"}, {"Authorization", "Bearer client"}}).status, 200U);
  EXPECT_EQ(upstream_values(provider_.entry_of("m-1"), "authorization"),
            std::vector<std::string>{"Bearer sk-your-key"})
      << "the client's own never goes beside it";
  // The key is blanked where every user of the host could read it.
  std::ifstream file("/proc/" + std::to_string(proxy_->pid()) + "/cmdline");
  const std::string words{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(words, Not(HasSubstr("sk-your-key")));
}

TEST_F(PredecessorD, StartsByItsContainersVariables) {
  start({}, {"LLM_BASE_URL=UPSTREAM", "LLM_TYPE=openai", "LLM_API_KEY=sk-your-key-here",
             "LOG_LEVEL=DEBUG", "PORT=" + port_text()});
  EXPECT_EQ(chat({{"agent-session-id", "s"}}).status, 200U);
  EXPECT_THAT(said(), HasSubstr(" debug "));
}

TEST_F(PredecessorD, InjectsAnAnthropicKeyAsAnthropicWantsIt) {
  start({"--base-url", "UPSTREAM", "--type", "anthropic", "--api-key", "sk-ant", "--port", "PORT",
         "--host", "127.0.0.1"});
  const Reply reply = post("/v1/messages",
                           R"({"model":"claude","max_tokens":9,"messages":[{"role":"user",)"
                           R"("content":"[[marker m-1]]"}]})",
                           {{"X-Session-Id", "s"}, {"x-api-key", "client"}});
  EXPECT_EQ(reply.status, 200U) << reply.body;
  const json entry = provider_.entry_of("m-1");
  EXPECT_EQ(upstream_values(entry, "x-api-key"), std::vector<std::string>{"sk-ant"});
  EXPECT_TRUE(upstream_values(entry, "authorization").empty());
}

TEST_F(PredecessorD, RunsItsDocumentedFileUnchanged) {
  write("config.yaml", kReadmeYaml);
  start({"--config", "config.yaml"});
  EXPECT_EQ(
      post("/v1/chat/completions",
           R"({"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hello!"}]})")
          .status,
      200U)
      << "no session header is asked for";
  EXPECT_EQ(
      post("/v1/chat/completions",
           R"({"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hello!"}], )"
           R"("stream": true})")
          .status,
      200U);
  for (const Line& line : lines(2)) {
    EXPECT_THAT(line.json["session_id"].get<std::string>(), StartsWith("session-"));
  }
  EXPECT_TRUE(eventually([&] {
    return said().find("POST /v1/chat/completions") != std::string::npos;
  })) << "the printer prints";
}

TEST_F(PredecessorD, TracesTheChunksOfAStream) {
  write("config.yaml", kReadmeYaml);
  start({"--config", "config.yaml"});
  const Reply streamed = post("/v1/chat/completions", chat_body("m-1", ", \"stream\": true"),
                              {{"x-mock", "events=4"}});
  ASSERT_EQ(streamed.status, 200U);
  std::string trace;
  ASSERT_TRUE(eventually([&] {
    if (!std::filesystem::exists(path("traces"))) return false;
    for (const auto& file : std::filesystem::directory_iterator(path("traces"))) {
      if (file.path().extension() == ".json") trace = tests::bytes_of_file(file.path());
    }
    return json::accept(trace);
  }));
  const json response = json::parse(trace)["response"];
  EXPECT_EQ(response["is_streaming"], true);
  std::string said;
  for (const json& chunk : response["chunks"]) said += chunk.get<std::string>();
  EXPECT_EQ(said, streamed.body);
  EXPECT_EQ(response["body"]["object"], "chat.completion") << "and what they make";
}

TEST_F(PredecessorD, ShowsItsConfigurationWithoutSecrets) {
  write("config.yaml", kReadmeYaml);
  start({"--config", "config.yaml"});
  const Reply reply = get("/config");
  EXPECT_EQ(reply.status, 200U);
  EXPECT_THAT(reply.body, Not(HasSubstr("sk-your-key-here")));
  const json config = json::parse(reply.body);
  EXPECT_EQ(config["server"]["port"], port_);
  EXPECT_EQ(config["llm"]["base_url"], provider_.url());
  EXPECT_EQ(config["llm"]["type"], "openai");
  EXPECT_EQ(config["llm"]["api_key_configured"], true);
  EXPECT_EQ(config["middlewares"][0]["type"], "trace");
  EXPECT_EQ(config["middlewares"][0]["enabled"], true);
  EXPECT_EQ(config["middlewares"][0]["config"]["directory"], "./traces");
  EXPECT_EQ(config["session"]["enabled"], true);
  EXPECT_EQ(config["session"]["max_sessions"], 10000);
  EXPECT_EQ(config["session"]["session_ttl_seconds"], 3600);
}

TEST_F(PredecessorD, HasItsSessionStatisticsInTheMetrics) {
  write("config.yaml", kReadmeYaml);
  start({"--config", "config.yaml"});
  const json page = json::parse(get("/metrics", {{"Accept", "application/json"}}).body);
  for (const char* name :
       {"albicilla_sessions_active", "albicilla_sessions_created_total",
        "albicilla_session_hits_total", "albicilla_session_misses_total",
        "albicilla_session_fuzzy_matches_total", "albicilla_sessions_expired_total"}) {
    EXPECT_TRUE(page.contains(name)) << name;
  }
}

TEST_F(PredecessorD, GeneratesAndValidatesFiles) {
  const Ran made = run("albicilla-proxy", {"--generate-config", "example.yaml"});
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.output, HasSubstr("Example configuration written to: example.yaml"));
  const Ran good = run("albicilla-proxy", {"--validate-config", "example.yaml"});
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_THAT(good.output, HasSubstr("Configuration is valid: example.yaml"));
  write("config.yaml", kReadmeYaml);
  EXPECT_EQ(run("albicilla-proxy", {"--validate-config", "config.yaml"}).status, 0);
  write("bad.yaml", "server:\n  port: 70000\nllm:\n  base_url: UPSTREAM\n  type: openai\n");
  const Ran bad = run("albicilla-proxy", {"--validate-config", "bad.yaml"});
  EXPECT_NE(bad.status, 0);
  EXPECT_THAT(bad.output, HasSubstr("server.port must be 1 to 65535, got '70000'"));
}

TEST_F(PredecessorD, TakesEveryKeyOfItsSchemaUnderBothNames) {
  for (const std::string list : {"middlewares", "interceptors"}) {
    write("all.yaml",
          "server: {port: PORT, host: 127.0.0.1, workers: 1}\n"
          "llm: {base_url: UPSTREAM, type: openai, api_key: '${KEY}', timeout: 30, "
          "max_retries: 3}\n" +
              list +
              ":\n  - {type: printer, enabled: false, config: {show_sessions: true}}\n"
              "session: {enabled: true, max_sessions: 100, session_ttl_seconds: 60, "
              "enable_fuzzy_matching: true, similarity_threshold: 0.85, "
              "max_messages_for_new_session: 3, reset_phrases: [start over]}\n"
              "logging: {level: INFO, format: text, file: out.log, "
              "max_file_size: 10MB, backup_count: 5}\n");
    const Ran good = run("albicilla-proxy", {"--validate-config", "all.yaml"}, {"KEY=sk"});
    EXPECT_EQ(good.status, 0) << list << ": " << good.output;
  }
  const Ran unset = run("albicilla-proxy", {"--validate-config", "all.yaml"});
  EXPECT_NE(unset.status, 0);
  EXPECT_THAT(unset.output, HasSubstr("environment variable KEY is not set"));
  write("odd.yaml", "server: {prot: 1}\n");
  EXPECT_THAT(run("albicilla-proxy", {"--validate-config", "odd.yaml"}).output,
              HasSubstr("server.port"))
      << "an unknown key is an error that names the nearest";
}

TEST_F(PredecessorD, EveryLogLevelIsKnown) {
  for (const std::string level : {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}) {
    write("a.yaml", "llm: {base_url: UPSTREAM, type: openai}\nlogging: {level: " + level + "}\n");
    const Ran ran = run("albicilla-proxy", {"--validate-config", "a.yaml"});
    EXPECT_EQ(ran.status, 0) << level << ": " << ran.output;
  }
}

TEST_F(PredecessorD, SaysBadGatewayInsteadOfAnInternalError) {
  start({"--base-url", "http://127.0.0.1:" + std::to_string(free_port()), "--type", "openai",
         "--port", "PORT", "--host", "127.0.0.1"});
  EXPECT_EQ(chat({{"agent-session-id", "s"}}).status, 502U);
}

TEST_F(PredecessorD, PassesRefusedStreamsWithTheirStatus) {
  start({"--base-url", "UPSTREAM", "--type", "openai", "--port", "PORT", "--host", "127.0.0.1"});
  const Reply reply = post("/v1/chat/completions", chat_body("m-1", R"(,"stream":true)"),
                           {{"agent-session-id", "s"}, {"x-mock", "status=429"}});
  EXPECT_EQ(reply.status, 429U);
}

}  // namespace
}  // namespace albicilla::support
