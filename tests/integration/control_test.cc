// The supervisor's own endpoints and what it does by itself: configuration, keys, metrics, reload,
// its log file; asked from outside as users ask.
#include <sys/stat.h>

#include <atomic>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/integration/pipeline_fixture.h"

namespace albicilla::support {
namespace {

using testing::HasSubstr;
using testing::Not;

bool installed(const std::string& program) {
  return std::filesystem::exists("/usr/bin/" + program);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      out.push_back(c);
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

const std::string kToken = "admin-token-0123456789";

class ControlTest : public PipelineTest {
 protected:
  Reply get(const std::string& path, std::vector<std::pair<std::string, std::string>> fields = {}) {
    return ask(pipeline_->port(), {.target = path, .fields = std::move(fields)});
  }
  Reply upsert(const std::string& body, const std::string& token = kToken) {
    return ask(pipeline_->port(),
               {.method = "POST",
                .target = "/admin/keys/upsert",
                .fields = {{"Content-Type", "application/json"}, {"x-admin-token", token}},
                .body = body});
  }
  std::filesystem::path keys_file() const { return pipeline_->scratch() / "data" / "keys.json"; }
  std::string said() const { return pipeline_->output(); }
};

TEST_F(ControlTest, ShowsTheEffectiveConfigurationWithoutASecret) {
  start({.flags = {"--api-key", "sk-upstream-secret", "--admin-token", kToken}});
  const Reply reply = get("/config");
  ASSERT_EQ(reply.status, 200U);
  const json config = json::parse(reply.body);
  EXPECT_EQ(config["service"], "albicilla");
  EXPECT_EQ(config["llm"]["base_url"], pipeline_->provider().url());
  EXPECT_EQ(config["llm"]["api_key_configured"], true);
  EXPECT_TRUE(config["middlewares"].is_array());
  EXPECT_THAT(reply.body, Not(HasSubstr("sk-upstream-secret")));
  EXPECT_THAT(reply.body, Not(HasSubstr(kToken)));
}

TEST_F(ControlTest, NamesNoEndpointOfItsOwnThatIsNotOne) {
  start({.flags = {"--admin-token", kToken}});
  EXPECT_EQ(get("/admin/keys/").status, 404U);
  EXPECT_EQ(pipeline_->provider().entries().size(), 0U) << "an admin's path never goes upstream";
}

TEST_F(ControlTest, AdminEndpointsAnswerInTheOrderThatTheirUsersKnow) {
  start({.flags = {"--admin-token", kToken}});
  const std::string whole = R"({"api_key":"bsk-1","user_id":"alice","active":true,"note":"x"})";
  EXPECT_EQ(upsert(whole, "wrong").status, 403U);
  EXPECT_EQ(upsert("{broken", "wrong").status, 403U) << "the token comes before the body";
  EXPECT_EQ(upsert("{broken").status, 422U);
  EXPECT_EQ(upsert("[]").status, 422U);
  EXPECT_EQ(upsert(R"({"api_key":"bsk-1"})").status, 400U);
  const Reply stored = upsert(whole);
  EXPECT_EQ(stored.status, 200U);
  EXPECT_EQ(json::parse(stored.body), json::parse(R"({"ok":true})"));

  const Reply listed = get("/admin/keys", {{"Authorization", "Bearer " + kToken}});
  ASSERT_EQ(listed.status, 200U);
  EXPECT_THAT(listed.body, Not(HasSubstr("bsk-1")));
  EXPECT_EQ(json::parse(listed.body)["keys"][0]["user_id"], "alice");
  EXPECT_EQ(json::parse(listed.body)["keys"][0]["note"], "x");

  const auto remove = [&](const std::string& user) {
    return ask(pipeline_->port(), {.method = "DELETE",
                                   .target = "/admin/keys/" + user,
                                   .fields = {{"x-admin-token", kToken}}})
        .status;
  };
  EXPECT_EQ(remove("alice"), 200U);
  EXPECT_EQ(remove("alice"), 404U);
}

TEST_F(ControlTest, AdminEndpointsSayThatNoTokenIsConfigured) {
  start();
  const Reply reply = upsert("{}", "anything");
  EXPECT_EQ(reply.status, 500U);
  EXPECT_THAT(reply.body, HasSubstr("ADMIN_TOKEN not configured"));
}

TEST_F(ControlTest, AKeyWorksFromTheMomentItIsStoredAndUntilItIsDisabled) {
  start({.flags = {"--admin-token", kToken}});
  const auto asked = [&](const std::string& key) {
    Ask what = chat_ask({.session = "s-" + key, .marker = "m-" + key});
    what.fields.emplace_back("x-api-key", key);
    return ask(pipeline_->port(), what).status;
  };
  EXPECT_EQ(asked("bsk-1"), 401U);
  ASSERT_EQ(upsert(R"({"api_key":"bsk-1","user_id":"alice"})").status, 200U);
  EXPECT_EQ(asked("bsk-1"), 200U);
  ASSERT_EQ(upsert(R"({"api_key":"bsk-1","user_id":"alice","active":false})").status, 200U);
  EXPECT_EQ(asked("bsk-1"), 401U);
  struct stat facts {};
  ASSERT_EQ(::stat(keys_file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_THAT(tests::bytes_of_file(keys_file()), Not(HasSubstr("bsk-1")));
}

TEST_F(ControlTest, FiftyUpsertsAtOnceOverFourWorkersLoseNoKey) {
  start({.workers = 4, .flags = {"--admin-token", kToken}});
  std::atomic<bool> done{false};
  std::atomic<int> invalid{0};
  std::thread reader([&] {
    while (!done) {
      const std::string text = tests::bytes_of_file(keys_file());
      if (!text.empty() && json::parse(text, nullptr, false).is_discarded()) ++invalid;
    }
  });
  std::vector<std::thread> writers;
  std::atomic<int> stored{0};
  for (int i = 0; i < 50; ++i) {
    writers.emplace_back([&, i] {
      const std::string number = std::to_string(i);
      if (upsert(R"({"api_key":"key-)" + number + R"(","user_id":"user-)" + number + "\"}")
              .status == 200) {
        ++stored;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(stored, 50);
  EXPECT_EQ(invalid, 0);
  EXPECT_EQ(json::parse(tests::bytes_of_file(keys_file()))["keys"].size(), 50U);
}

TEST_F(ControlTest, CountsTokensByModelUserAndSessionOverAllWorkers) {
  start({.workers = 2});
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(chat({.session = "s-1", .marker = "m-" + std::to_string(i)}).status, 200U);
  }
  std::uint64_t input = 0;
  for (const Line& line : pipeline_->lines_of("s-1", 6)) {
    input += line.json["exchange"]["usage"]["input_tokens"].get<std::uint64_t>();
  }
  const json page =
      json::parse(get("/metrics", {{"Accept", "application/json"}}).body, nullptr, false);
  EXPECT_EQ(page["albicilla_tokens_total"]["gpt-4o"]["input"], input);
  EXPECT_EQ(page["albicilla_session_tokens_total"]["s-1"]["input"], input);
  EXPECT_THAT(get("/metrics").body, HasSubstr("gen_ai_conversation_id=\"s-1\""));
}

TEST_F(ControlTest, PromtoolFindsNothingWrongWithTheMetrics) {
  ASSERT_TRUE(installed("promtool")) << "install Debian's prometheus, as deploy/test.sh does";
  start({.workers = 2});
  chat({});
  line_of("s-1");
  const std::string page = pipeline_->scratch() / "metrics";
  tests::write_whole_file(page, get("/metrics").body);
  const std::string verdict = page + ".verdict";
  EXPECT_EQ(std::system(("promtool check metrics <" + page + " >" + verdict + " 2>&1").c_str()), 0)
      << tests::bytes_of_file(verdict);
  EXPECT_EQ(tests::bytes_of_file(verdict), "");
}

// The queries of proxy/control/README.md.
std::vector<std::string> documented_queries() {
  std::ifstream file(std::string(ALBICILLA_SOURCE_DIR) + "/proxy/control/README.md");
  std::vector<std::string> queries;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```" && inside) break;
    if (inside) queries.push_back(line);
    inside = inside || line == "```promql";
  }
  return queries;
}

TEST_F(ControlTest, APrometheusScrapesItAndAnswersTheDocumentedQueries) {
  ASSERT_TRUE(installed("prometheus")) << "install Debian's prometheus, as deploy/test.sh does";
  const tests::ScratchDirectory scratch;
  tests::write_whole_file(scratch.path("a.yaml"), "prices:\n  gpt: {input: 1, output: 2}\n");
  start({.workers = 2, .flags = {"--config", scratch.path("a.yaml")}});
  tests::write_whole_file(scratch.path("prometheus.yml"),
                          "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
                          "scrape_configs:\n  - job_name: albicilla\n    static_configs:\n"
                          "      - targets: ['127.0.0.1:" +
                              std::to_string(pipeline_->port()) + "']\n");
  const std::uint16_t port = free_port();
  const ChildProcess prometheus(
      {.arguments = {"/usr/bin/prometheus", "--config.file=" + scratch.path("prometheus.yml"),
                     "--storage.tsdb.path=" + scratch.path("tsdb"),
                     "--web.listen-address=127.0.0.1:" + std::to_string(port)},
       .environment = {},
       .directory = scratch.path(),
       .output = scratch.path("out")});
  const auto queries = documented_queries();
  ASSERT_GE(queries.size(), 5U);
  int asked = 0;
  for (const std::string& query : queries) {
    std::string answer;
    EXPECT_TRUE(eventually([&] {
      // Rates need traffic.
      chat({.session = "s-1", .marker = "m-" + std::to_string(asked++)});
      answer = ask(port, {.target = "/api/v1/query?query=" + percent_encoded(query)}).body;
      const json parsed = json::parse(answer, nullptr, false);
      return parsed.is_object() && parsed.value("status", "") == "success" &&
             !parsed["data"]["result"].empty();
    })) << query
        << ": " << answer;
  }
}

TEST_F(ControlTest, ARateLimitIsTheHostsAndNotAWorkers) {
  const std::string yaml = R"(middlewares:
  - type: rate_limit
    config: {requests_per_minute: 10, by: session}
)";
  const tests::ScratchDirectory scratch;
  tests::write_whole_file(scratch.path("a.yaml"), yaml);
  start({.workers = 4, .flags = {"--config", scratch.path("a.yaml")}});
  std::size_t passed = 0;
  for (int i = 0; i < 30; ++i) {
    const Reply reply = chat({.session = "s-1", .marker = "m-" + std::to_string(i)});
    if (reply.status == 200) ++passed;
    if (reply.status == 429) {
      EXPECT_FALSE(reply.field("retry-after").empty());
    }
  }
  EXPECT_GE(passed, 10);
  EXPECT_LE(passed, 12) << "a few more may be given back while the test runs";
}

TEST_F(ControlTest, ALimitOfTokensCountsWhatProvidersCountedOverAllWorkers) {
  const tests::ScratchDirectory scratch;
  tests::write_whole_file(scratch.path("a.yaml"), R"(middlewares:
  - type: rate_limit
    config: {tokens_per_minute: 100, by: session}
)");
  start({.workers = 4, .flags = {"--config", scratch.path("a.yaml")}});
  // Bodies that are long beside the few tokens that the provider counts.
  std::uint64_t used = 0;
  std::size_t passed = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string marker = "m-" + std::to_string(i);
    const Reply reply = chat({.session = "s-1", .marker = marker, .words = "body_bytes=4000"});
    if (reply.status == 429) break;
    ASSERT_EQ(reply.status, 200U);
    const json usage = json::parse(reply.body)["usage"];
    used += usage["prompt_tokens"].get<std::uint64_t>() +
            usage["completion_tokens"].get<std::uint64_t>();
    ++passed;
    EXPECT_TRUE(eventually([&] { return pipeline_->lines().size() >= passed; }));
  }
  EXPECT_LT(passed, 40U);
  EXPECT_GT(used, 100U);
}

class ReloadTest : public ControlTest {
 protected:
  void write_yaml(const std::string& model) {
    tests::write_whole_file(scratch_.path("a.yaml"), "model: " + model + "\n");
  }
  void start_with_yaml(std::vector<std::string> more = {}) {
    write_yaml("model-a");
    more.insert(more.end(), {"--config", scratch_.path("a.yaml")});
    start({.workers = 2, .flags = std::move(more)});
  }
  // The model that a request without one is given.
  std::string default_model() {
    Ask what = chat_ask({.session = "s-model", .marker = "m"});
    what.body = R"({"messages":[{"role":"user","content":"Hello"}]})";
    const json reply = json::parse(ask(pipeline_->port(), what).body, nullptr, false);
    return reply.value("model", "");
  }
  std::string configured_model() {
    return json::parse(get("/config").body, nullptr, false)["llm"].value("model", "");
  }

  tests::ScratchDirectory scratch_;
};

TEST_F(ReloadTest, OnSighupNewWorkersTakeTheNewConfigurationAndOldStreamsRunOn) {
  start_with_yaml();
  EXPECT_EQ(default_model(), "model-a");
  Reply streamed;
  std::thread stream([&] {
    streamed = chat({.session = "s-stream",
                     .marker = "m-stream",
                     .words = "events=30 interval_ms=100",
                     .stream = true});
  });
  ASSERT_TRUE(eventually([&] {
    return json::parse(get("/metrics", {{"Accept", "application/json"}}).body, nullptr,
                       false)["albicilla_exchanges_active"] == 1;
  }));
  write_yaml("model-b");
  ::kill(pipeline_->supervisor(), SIGHUP);
  EXPECT_TRUE(eventually([&] { return default_model() == "model-b"; }));
  EXPECT_EQ(configured_model(), "model-b");
  stream.join();
  EXPECT_TRUE(streamed.complete);
  EXPECT_EQ(line_of("s-stream").json["exchange"]["ending"], "complete");
  EXPECT_TRUE(eventually([&] { return pipeline_->workers().size() == 2; })) << "the old ones end";
  EXPECT_TRUE(pipeline_->wait_ready());
}

TEST_F(ReloadTest, ABadNewFileIsRefusedWithItsLineAndTheOldStays) {
  start_with_yaml();
  const auto workers = pipeline_->workers();
  tests::write_whole_file(scratch_.path("a.yaml"), "model: model-b\nprot: 1\n");
  ::kill(pipeline_->supervisor(), SIGHUP);
  EXPECT_TRUE(
      eventually([&] { return said().find("configuration refused") != std::string::npos; }));
  EXPECT_THAT(said(), HasSubstr("a.yaml:2"));
  EXPECT_EQ(pipeline_->workers(), workers);
  EXPECT_EQ(configured_model(), "model-a");
}

TEST_F(ReloadTest, WithReloadAChangedFileIsEnough) {
  start_with_yaml({"--reload"});
  write_yaml("model-bb");
  EXPECT_TRUE(eventually([&] { return configured_model() == "model-bb"; }));
  EXPECT_TRUE(eventually([&] { return default_model() == "model-bb"; }));
}

TEST_F(ReloadTest, NoRequestIsRefusedOrLostDuringReloads) {
  start_with_yaml();
  std::atomic<bool> done{false};
  std::thread reloader([&] {
    for (int i = 0; i < 4 && !done; ++i) {
      write_yaml("model-" + std::to_string(i));
      ::kill(pipeline_->supervisor(), SIGHUP);
      eventually([&] { return configured_model() == "model-" + std::to_string(i); });
    }
    done = true;
  });
  std::size_t sent = 0;
  while (!done) {
    ASSERT_EQ(chat({.session = "s-1", .marker = "m-" + std::to_string(sent)}).status, 200U);
    ++sent;
  }
  reloader.join();
  EXPECT_EQ(pipeline_->lines_of("s-1", sent).size(), sent);
}

TEST_F(ControlTest, WritesItsOwnLogIntoAFileWhenTold) {
  start({.workers = 2, .flags = {"--log-file", "own.log", "--verbose"}});
  chat({});
  line_of("s-1");
  const auto file = pipeline_->scratch() / "own.log";
  EXPECT_THAT(tests::bytes_of_file(file), HasSubstr("listening"));
  EXPECT_THAT(tests::bytes_of_file(file), HasSubstr("worker serves"));
  EXPECT_EQ(pipeline_->stop(), 0);
  EXPECT_THAT(tests::bytes_of_file(file), HasSubstr("stopped"));
  EXPECT_THAT(said(), Not(HasSubstr("listening")));
}

TEST_F(ControlTest, KeepsItsMemoryOutOfCoreFiles) {
  start();
  for (const pid_t pid :
       {pipeline_->supervisor(), pipeline_->workers().front(), pipeline_->sinks().front()}) {
    std::ifstream limits("/proc/" + std::to_string(pid) + "/limits");
    std::string line;
    while (std::getline(limits, line) && !line.starts_with("Max core file size")) {
    }
    EXPECT_THAT(line, testing::MatchesRegex("Max core file size +0 +0 .*"));
    struct stat facts {};
    ASSERT_EQ(::stat(("/proc/" + std::to_string(pid) + "/maps").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, 0U) << "of a process that is not dumpable, whoever runs it";
  }
}

}  // namespace
}  // namespace albicilla::support
