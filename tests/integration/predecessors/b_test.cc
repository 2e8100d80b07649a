// Predecessor B: all endpoints, key injection, a .env file. Its log files are a layout of ours and
// are tested there.
#include "tests/integration/predecessors/fixture.h"

namespace albicilla::support {
namespace {

const std::string kDotEnv =
    "OPENAI_API_KEY=sk-upstream\nOPENAI_BASE_URL=UPSTREAM\nPROXY_TIMEOUT=300\nPROXY_PORT=PORT\n"
    "STORAGE_TYPE=local\nLOCAL_LOG_DIR=logs\n";

class PredecessorB : public DocumentedTest {};

TEST_F(PredecessorB, RunsFromItsDotEnvFileAlone) {
  write(".env", kDotEnv);
  start({});
  EXPECT_EQ(json::parse(get("/health").body)["status"], "healthy");
  EXPECT_EQ(json::parse(get("/health").body)["upstream"], provider_.url());
  const json service = json::parse(get("/").body);
  EXPECT_EQ(service["service"], "albicilla");
  EXPECT_TRUE(service.contains("version"));
  EXPECT_TRUE(service.contains("endpoints"));
}

TEST_F(PredecessorB, SendsItsKeyInsteadOfTheClientsAndNeverBoth) {
  write(".env", kDotEnv);
  start({});
  EXPECT_EQ(chat({{"Authorization", "Bearer client-key"}, {"x-api-key", "client-key"}}).status,
            200U)
      << "no session header is asked for";
  const json entry = provider_.entry_of("m-1");
  EXPECT_EQ(upstream_values(entry, "authorization"),
            std::vector<std::string>{"Bearer sk-upstream"});
  EXPECT_TRUE(upstream_values(entry, "x-api-key").empty());
  EXPECT_EQ(upstream_values(entry, "content-type").size(), 1U);
  const std::string text = lines(1)[0].text;
  EXPECT_THAT(text, Not(HasSubstr("client-key")));
  EXPECT_THAT(text, Not(HasSubstr("sk-upstream")));
}

TEST_F(PredecessorB, TheEnvironmentWinsOverTheFile) {
  write(".env", "OPENAI_BASE_URL=http://127.0.0.1:9\nPROXY_PORT=1\nOPENAI_API_KEY=sk-file\n");
  start({}, {"OPENAI_BASE_URL=UPSTREAM", "PROXY_PORT=" + port_text(), "OPENAI_API_KEY=sk-env",
             "LOCAL_LOG_DIR=logs"});
  EXPECT_EQ(chat().status, 200U);
  EXPECT_EQ(upstream_values(provider_.entry_of("m-1"), "authorization"),
            std::vector<std::string>{"Bearer sk-env"});
}

TEST_F(PredecessorB, AKeyOfTheEnvironmentAloneIsNotTaken) {
  start({"--upstream", "UPSTREAM", "--host", "127.0.0.1", "--port", "PORT"},
        {"OPENAI_API_KEY=sk-somebody-elses"});
  EXPECT_EQ(chat({{"agent-session-id", "s"}, {"Authorization", "Bearer mine"}}).status, 200U);
  EXPECT_EQ(upstream_values(provider_.entry_of("m-1"), "authorization"),
            std::vector<std::string>{"Bearer mine"});
}

TEST_F(PredecessorB, RelaysEveryMethodPathAndQuery) {
  write(".env", kDotEnv);
  start({});
  const std::string target = "/v1/files/a%2Fb?limit=2&after=x";
  for (const std::string method : {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const Reply reply =
        ask(port_, {.method = method, .target = target, .body = method == "GET" ? "" : "{}"});
    EXPECT_LT(reply.status, 500U) << method;
    EXPECT_TRUE(eventually([&] {
      const auto entries = provider_.entries();
      return std::any_of(entries.begin(), entries.end(), [&](const json& entry) {
        return entry["method"] == method && entry["target"] == target;
      });
    })) << method;
  }
  EXPECT_LT(get("/anything/else").status, 500U);
}

TEST_F(PredecessorB, StreamsReachClientAndLog) {
  write(".env", kDotEnv);
  start({});
  const Reply reply =
      post("/v1/chat/completions", chat_body("m-1", R"(,"stream":true)"), {{"x-mock", "events=5"}});
  EXPECT_EQ(reply.status, 200U);
  EXPECT_TRUE(reply.complete);
  EXPECT_THAT(reply.body, HasSubstr("data: [DONE]"));
  const auto line = lines(1)[0].json;
  EXPECT_EQ(line["exchange"]["streaming"], true);
  EXPECT_EQ(line["response"]["choices"][0]["finish_reason"], "stop");
}

TEST_F(PredecessorB, AnswersOfPackedUpstreamsAreWhole) {
  write(".env", kDotEnv);
  start({});
  const Reply reply = chat({{"Accept-Encoding", "gzip"}, {"x-mock", "encoding=gzip"}});
  EXPECT_EQ(reply.status, 200U);
  EXPECT_TRUE(reply.complete);
  EXPECT_EQ(reply.field("content-encoding"), "gzip");
  EXPECT_TRUE(lines(1)[0].json["response"]["choices"].is_array()) << "a copy is unpacked";
}

TEST_F(PredecessorB, SaysWhatIsMissing) {
  const Ran ran = run("albicilla-proxy", {}, {"LOCAL_LOG_DIR=logs"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, HasSubstr("upstream"));
}

}  // namespace
}  // namespace albicilla::support
