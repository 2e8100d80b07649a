// Sessions that no header names, and prefixes of those that one does: through workers and sink, as
// clients meet them.
#include "tests/integration/pipeline_fixture.h"

namespace albicilla::support {
namespace {

using testing::StartsWith;

const std::string kYaml = "session:\n  enabled: true\n";

class SessionsTest : public PipelineTest {
 protected:
  void start_with_history(Pipeline::Options options = {}) {
    tests::write_whole_file(scratch_.path("a.yaml"), kYaml);
    options.flags.insert(options.flags.end(), {"--config", scratch_.path("a.yaml")});
    start(std::move(options));
  }

  // A request with that history; gives the answer's message as a client keeps it.
  json say(const json& messages, const std::string& extra = {}) {
    json body = {{"model", "gpt-4o"}, {"messages", messages}};
    if (!extra.empty()) body["stream"] = true;
    const Reply reply = ask(pipeline_->port(), {.method = "POST",
                                                .target = "/v1/chat/completions",
                                                .fields = {{"Content-Type", "application/json"}},
                                                .body = body.dump()});
    EXPECT_EQ(reply.status, 200U) << reply.body;
    if (!extra.empty()) return {};
    return json::parse(reply.body)["choices"][0]["message"];
  }

  Reply prefix(const std::string& body,
               std::vector<std::pair<std::string, std::string>> fields = {}) {
    fields.emplace_back("Content-Type", "application/json");
    return ask(
        pipeline_->port(),
        {.method = "POST", .target = "/sessions", .fields = std::move(fields), .body = body});
  }

  std::vector<Line> all_lines(std::size_t count) {
    std::vector<Line> lines;
    EXPECT_TRUE(eventually([&] {
      lines = pipeline_->lines();
      return lines.size() >= count;
    }));
    return lines;
  }

  tests::ScratchDirectory scratch_;
};

json user(const std::string& text) { return {{"role", "user"}, {"content", text}}; }

TEST_F(SessionsTest, AGrowingHistoryStaysInOneSessionOverAllWorkers) {
  start_with_history({.workers = 3});
  json first = json::array({user("Hello [[marker one]]")});
  json second = json::array({user("Hello [[marker two]]")});
  for (int turn = 0; turn < 4; ++turn) {
    for (json* history : {&first, &second}) {
      const json answer = say(*history);
      // Until its record is there the next may overtake it; a person is slower.
      all_lines(static_cast<std::size_t>(2 * turn + (history == &first ? 1 : 2)));
      history->push_back(answer);
      history->push_back(user("turn " + std::to_string(turn)));
    }
  }
  std::map<std::string, int> sessions;
  for (const Line& line : all_lines(8)) {
    const std::string session = line.json["session_id"];
    EXPECT_THAT(session, StartsWith("session-"));
    ++sessions[session];
  }
  ASSERT_EQ(sessions.size(), 2U);
  for (const auto& [session, count] : sessions) EXPECT_EQ(count, 4) << session;
  EXPECT_TRUE(eventually([&] {
    const json page = json::parse(
        ask(pipeline_->port(), {.target = "/metrics", .fields = {{"Accept", "application/json"}}})
            .body);
    return page["albicilla_sessions_active"] == 2 &&
           page["albicilla_sessions_created_total"] == 2 &&
           page["albicilla_session_hits_total"] == 6 && page["albicilla_session_misses_total"] == 0;
  }));
}

TEST_F(SessionsTest, AreKnownAgainAfterTheSinkWasKilled) {
  start_with_history();
  json history = json::array({user("Hello")});
  history.push_back(say(history));
  history.push_back(user("more"));
  all_lines(1);
  for (const pid_t sink : pipeline_->sinks()) ::kill(sink, SIGKILL);
  history.push_back(say(history));
  const auto lines = all_lines(2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].json["session_id"], lines[1].json["session_id"]);
}

TEST_F(SessionsTest, AnAnswerThatIsContinuedByNameStaysInItsSession) {
  start({.flags = {"--no-require-session-header"}});
  const auto create = [&](json body) {
    const Reply reply = ask(pipeline_->port(), {.method = "POST",
                                                .target = "/v1/responses",
                                                .fields = {{"Content-Type", "application/json"}},
                                                .body = body.dump()});
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return json::parse(reply.body)["id"].get<std::string>();
  };
  const std::string id = create({{"model", "gpt-4o"}, {"input", "one"}});
  all_lines(1);
  create({{"model", "gpt-4o"}, {"input", "two"}, {"previous_response_id", id}});
  const auto lines = all_lines(2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0].json["session_id"].get<std::string>(), StartsWith("anon-"));
  EXPECT_EQ(lines[0].json["session_id"], lines[1].json["session_id"]);
}

TEST_F(SessionsTest, APrefixNamesTheFilesThatAllWorkersRecordsGoTo) {
  start({.workers = 3});
  EXPECT_EQ(prefix(R"({"session_id":"s-1","session_prefix":" run 7 "})").status, 200U);
  for (int i = 0; i < 6; ++i) chat({.session = "s-1", .marker = "m-" + std::to_string(i)});
  for (const Line& line : pipeline_->lines_of("s-1", 6)) {
    EXPECT_THAT(line.file.filename().string(), StartsWith("run_7"));
    EXPECT_THAT(line.file.filename().string(), testing::EndsWith("-s-1.jsonl"));
    EXPECT_EQ(line.json["session_id"], "s-1");
  }
  EXPECT_EQ(prefix(R"({"session_id":"s-1","session_prefix":null})").status, 200U);
  chat({.session = "s-1", .marker = "m-7"});
  const auto lines = pipeline_->lines_of("s-1", 7);
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                          [](const Line& line) { return line.file.filename() == "s-1.jsonl"; }));
}

TEST_F(SessionsTest, APrefixSurvivesTheSinksDeath) {
  start();
  ASSERT_EQ(prefix(R"({"session_id":"s-1","session_prefix":"kept"})").status, 200U);
  for (const pid_t sink : pipeline_->sinks()) ::kill(sink, SIGKILL);
  chat({.session = "s-1"});
  EXPECT_EQ(line_of("s-1").file.filename(), "kept-s-1.jsonl");
}

TEST_F(SessionsTest, SaysWhatIsWrongWithAPrefix) {
  start({.flags = {"--admin-token", "admin-token-0123456789"}});
  const Reply plain = prefix("");
  EXPECT_EQ(plain.status, 200U) << "predecessor A's clients send no body";
  EXPECT_TRUE(plain.body.empty());
  EXPECT_EQ(prefix("{broken").status, 422U);
  EXPECT_EQ(prefix("[]").status, 422U);
  EXPECT_EQ(prefix("{}").status, 422U);
  EXPECT_EQ(prefix(R"({"session_id":""})").status, 422U);
  EXPECT_EQ(prefix(R"({"session_id":7})").status, 422U);
  EXPECT_EQ(prefix(R"({"session_id":"a","session_prefix":7})").status, 422U);
  EXPECT_EQ(prefix(R"({"session_id":"a"})").status, 200U);
  EXPECT_EQ(pipeline_->provider().entries().size(), 0U);
}

TEST_F(SessionsTest, ASubAgentsLineNamesWhoStartedIt) {
  start({.workers = 2});
  Ask main = chat_ask({.session = "run", .marker = "m-1"});
  EXPECT_EQ(ask(pipeline_->port(), main).status, 200U);
  Ask sub = chat_ask({.session = "run", .marker = "m-2"});
  sub.fields.emplace_back("x-claude-code-agent-id", "a-2");
  sub.fields.emplace_back("x-claude-code-parent-agent-id", "a-1");
  EXPECT_EQ(ask(pipeline_->port(), sub).status, 200U);
  int named = 0;
  for (const Line& line : pipeline_->lines_of("run", 2)) {
    const auto& exchange = line.json["exchange"];
    if (!exchange.contains("agent")) continue;
    ++named;
    EXPECT_EQ(exchange["agent"]["id"], "a-2");
    EXPECT_EQ(exchange["agent"]["parent_id"], "a-1");
  }
  EXPECT_EQ(named, 1);
  const Reply page = ask(pipeline_->port(), {.target = "/metrics"});
  EXPECT_THAT(page.body, testing::HasSubstr("albicilla_sub_agent_exchanges_total 1\n"));
}

}  // namespace
}  // namespace albicilla::support
