#include "proxy/config/config.h"

#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/config/settings.h"
#include "proxy/config/words.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

std::map<std::string, std::string>& variables() {
  static std::map<std::string, std::string> map;
  return map;
}

const char* variable(const char* name) {
  const auto found = variables().find(name);
  return found == variables().end() ? nullptr : found->second.c_str();
}

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override { variables().clear(); }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  Result<Config> config(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "albicilla-proxy");
    const auto outcome = parse_command_line(static_cast<int>(arguments.size()), arguments.data());
    if (outcome.stop) return client_error("exit " + std::to_string(outcome.exit_code));
    const auto settings = gather_settings(outcome.command, variable, directory_.path() + "/.env");
    if (!settings) return settings.error();
    return build_config(*settings);
  }

  std::string error(std::vector<const char*> arguments) {
    const auto result = config(std::move(arguments));
    return result ? "no error" : result.error().message;
  }

  tests::ScratchDirectory directory_;
};

TEST_F(ConfigTest, HasTheDocumentedDefaults) {
  const auto c = config({"--upstream", "https://api.openai.com/v1/"});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->upstream.base_url, "https://api.openai.com/v1");
  EXPECT_EQ(c->host, "0.0.0.0");
  EXPECT_EQ(c->port, 9000);
  EXPECT_EQ(c->default_model, "gpt-4o-mini");
  EXPECT_EQ(c->log_root, "./proxy_logs");
  EXPECT_EQ(c->spool.directory, "./proxy_logs/.spool");
  EXPECT_EQ(c->spool.limit_bytes, std::uint64_t{4} << 30);
  EXPECT_EQ(c->session.header, "agent-session-id");
  EXPECT_TRUE(c->session.require_header);
  EXPECT_FALSE(c->session.allow_bearer);
  EXPECT_EQ(c->limits.header_time, std::chrono::seconds(10));
  EXPECT_EQ(c->limits.drain_time, std::chrono::seconds(600));
  EXPECT_TRUE(c->own_sink());
}

TEST_F(ConfigTest, FlagWinsOverEnvironmentOverYamlOverDotEnv) {
  write(".env",
        "PROXY_PORT=1001\nPROXY_HOST='127.0.0.4'\nPROXY_DEFAULT_MODEL=env-file\n"
        "export PROXY_LOG_ROOT=\"/from dot env\"  \n# a comment\n");
  const std::string yaml = write("c.yaml",
                                 "server: {port: 1002, host: 127.0.0.3}\n"
                                 "llm: {base_url: http://yaml}\nmodel: from-yaml\n");
  variables() = {{"PORT", "1003"}, {"PROXY_CONFIG", yaml}, {"PROXY_HOST", "127.0.0.2"}};
  auto c = config({"-p", "1004"});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->port, 1004);
  EXPECT_EQ(c->host, "127.0.0.2");
  EXPECT_EQ(c->default_model, "from-yaml");
  EXPECT_EQ(c->log_root, "/from dot env");
  EXPECT_EQ(c->upstream.base_url, "http://yaml");
  c = config({});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->port, 1003);
}

TEST_F(ConfigTest, LeftmostNameThatIsSetWinsAndEmptyIsUnset) {
  variables() = {{"PROXY_UPSTREAM_ENDPOINT", ""},
                 {"UPSTREAM_BASE_URL", "http://c/v1"},
                 {"LLM_BASE_URL", "http://d"}};
  const auto c = config({});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->upstream.base_url, "http://c/v1");
}

TEST_F(ConfigTest, TakesOpenAiKeyOnlyFromDotEnvOrBesideItsBaseUrl) {
  variables() = {{"OPENAI_API_KEY", "sk-ambient"}};
  auto c = config({"--upstream", "http://x"});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->upstream.api_key, "");
  variables()["OPENAI_BASE_URL"] = "http://y";
  c = config({});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->upstream.api_key, "sk-ambient");
  c = config({"--upstream", "http://x"});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->upstream.api_key, "") << "the key belongs to the other upstream";
  variables().clear();
  write(".env", "OPENAI_API_KEY=sk-file\n");
  c = config({});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->upstream.base_url, "https://api.openai.com");
  EXPECT_EQ(c->upstream.api_key, "sk-file");
}

TEST_F(ConfigTest, PredecessorsSettingsTurnTheHeaderRequirementOff) {
  variables() = {{"STORAGE_TYPE", "local"}};
  auto c = config({"--upstream", "http://x"});
  ASSERT_TRUE(c);
  EXPECT_FALSE(c->session.require_header);
  EXPECT_EQ(c->layouts, std::vector<std::string>{"user_model_day:logs"});
  c = config({"--upstream", "http://x", "--require-session-header"});
  ASSERT_TRUE(c);
  EXPECT_TRUE(c->session.require_header) << "an explicit flag wins";

  variables() = {{"STORAGE_TYPE", "azure"}, {"SINK_STORE", "local"}};
  c = config({"--upstream", "http://x"});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->layouts, std::vector<std::string>{"user_model_day:logs"});
  EXPECT_THAT(c->sink_arguments,
              testing::IsSupersetOf({"--store", "local", "--store", "azure_blob"}));

  variables() = {{"ADMIN_TOKEN", "t"}, {"UPSTREAM_BASE_URL", "http://x"}};
  c = config({});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->keys_file, "./data/keys.json");
  EXPECT_FALSE(c->session.require_header);
  EXPECT_EQ(c->layouts, std::vector<std::string>{"events:./data"});
}

TEST_F(ConfigTest, ReadsPredecessorDsYamlWithVariablesAnywhere) {
  variables() = {{"KEY", "sk-1"}, {"HOST", "example.org"}};
  const std::string yaml = write("d.yaml", R"(
server: {port: 3000, host: "0.0.0.0", workers: 1}
llm:
  base_url: "https://${HOST}/v1"
  type: "anthropic"
  api_key: "${KEY}"
  timeout: 30
  max_retries: 3
middlewares:
  - type: "trace"
    enabled: true
    config: {directory: "./traces", include_headers: true, max_body_size: 1048576}
session: {enabled: true, max_sessions: 500, session_ttl_seconds: 60, similarity_threshold: 0.9}
logging: {level: DEBUG, format: json, max_file_size: "10MB", backup_count: 5}
)");
  const auto c = config({"--config", yaml.c_str()});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->port, 3000);
  EXPECT_EQ(c->upstream,
            (UpstreamConfig{"https://example.org/v1", UpstreamType::anthropic, "sk-1"}));
  EXPECT_EQ(c->limits.first_byte_time, std::chrono::seconds(30));
  ASSERT_EQ(c->middlewares.size(), 1U);
  EXPECT_EQ(c->middlewares[0].config.at("max_body_size").integer(), 1048576);
  EXPECT_EQ(c->session.ttl, std::chrono::seconds(60));
  EXPECT_FALSE(c->session.require_header);
  EXPECT_EQ(c->logging.level, LogLevel::debug);
  EXPECT_EQ(c->logging.max_file_bytes, 10'000'000U);
}

TEST_F(ConfigTest, SaysWhereWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(error({"--upstream", "http://x", "--port", "70000"}),
            "--port must be 1 to 65535, got '70000'");
  variables() = {{"PROXY_VERBOSE", "perhaps"}};
  EXPECT_EQ(error({"--upstream", "http://x"}),
            "PROXY_VERBOSE must be true, false, 1, 0, yes or no, got 'perhaps'");
  variables().clear();
  const std::string yaml = write("bad.yaml", "server:\n  prot: 1\n");
  EXPECT_EQ(error({"--upstream", "http://x", "--config", yaml.c_str()}),
            yaml + ":2: unknown key 'server.prot', did you mean server.port?");
  const std::string unset = write("unset.yaml", "llm:\n  base_url: \"${NO_SUCH}\"\n");
  EXPECT_EQ(error({"--config", unset.c_str()}),
            unset + ":2: environment variable NO_SUCH is not set");
  EXPECT_EQ(error({"--upstream", "ftp://x"}),
            "--upstream must be a URL that begins with http:// or https://, got 'ftp://x'");
  EXPECT_EQ(error({}), "--upstream must be set (for example https://api.openai.com), got ''");
}

TEST_F(ConfigTest, UnknownFlagsEndWithCodeTwo) {
  EXPECT_EQ(error({"--prot", "1"}), "exit 2");
  EXPECT_EQ(error({"--port"}), "exit 2");
  EXPECT_EQ(error({"--help"}), "exit 0");
  EXPECT_EQ(error({"--version"}), "exit 0");
}

TEST_F(ConfigTest, AliasesInYamlCannotBlowUpMemory) {
  std::string text =
      "middlewares:\n  - type: trace\n    config:\n      a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "      a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ",") + last;
    text += "]\n";
  }
  const std::string yaml = write("bomb.yaml", text);
  EXPECT_NE(error({"--config", yaml.c_str()}).find("more than 100000 values"), std::string::npos);
}

TEST_F(ConfigTest, ShowsNoSecrets) {
  const std::string yaml = write("s.yaml",
                                 "llm: {base_url: http://x, api_key: canary-1}\n"
                                 "admin_token: canary-2\n"
                                 "middlewares: [{type: api_key, config: {api_key: canary-3, "
                                 "keys: [canary-4]}}]\n");
  const auto c = config({"--config", yaml.c_str(), "--session-secret", "canary-5"});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(dump_json(shown_config(*c)).find("canary"), std::string::npos);
}

TEST_F(ConfigTest, BlanksSecretsInTheArguments) {
  std::string words[] = {"albicilla-proxy",      "--api-key", "canary",
                         "--admin-token=canary", "-p",        "1"};
  char* argv[6];
  for (std::size_t i = 0; i < 6; ++i) argv[i] = words[i].data();
  blank_secrets(6, argv);
  EXPECT_EQ(words[2], "******");
  EXPECT_EQ(words[3], "--admin-token=******");
  EXPECT_EQ(words[5], "1");
}

TEST_F(ConfigTest, WarnsOfAnInjectedKeyThatAnybodyMayUse) {
  auto c = config({"--upstream", "http://x", "--api-key", "k"});
  ASSERT_TRUE(c);
  EXPECT_EQ(config_warnings(*c).size(), 1U);
  c = config({"--upstream", "http://x", "--api-key", "k", "--host", "127.0.0.1"});
  ASSERT_TRUE(c);
  EXPECT_TRUE(config_warnings(*c).empty());
}

TEST_F(ConfigTest, WhatIsNotBuiltYetStopsTheStartOrIsWarnedOf) {
  const auto status = [&](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"--upstream", "http://x"});
    const auto c = config(arguments);
    return c ? check_available(*c) : Status{c.error()};
  };
  EXPECT_TRUE(status({"--sink", "tcp://127.0.0.1:5557"}));
  EXPECT_FALSE(status({"--sink", "tcp://loghost:5557"}));
  EXPECT_TRUE(status({"--sink", "tcp://loghost:5557", "--insecure-sink"}));
  EXPECT_TRUE(status({"--sink", "tcp://loghost:5557", "--sink-keys", "./keys"}));
  EXPECT_TRUE(status({"--sink", "tcp://127.0.0.1:5557", "--sink", "tcp://127.0.0.1:5567"}));
  auto c = config({"--upstream", "http://x", "--layout", "trace"});
  ASSERT_TRUE(c);
  EXPECT_TRUE(unavailable_warnings(*c).empty());
  c = config({"--upstream", "http://x", "--layout", "trace", "--sink", "tcp://127.0.0.1:5557"});
  ASSERT_TRUE(c);
  EXPECT_EQ(unavailable_warnings(*c).size(), 1U);
}

TEST_F(ConfigTest, ReadsRulesOfRedactionFromTheFlagAndTheFile) {
  const std::string yaml = write("r.yaml",
                                 "llm: {base_url: http://x}\n"
                                 "redaction:\n"
                                 "  key_file: a.key\n"
                                 "  rules:\n"
                                 "    - iban\n"
                                 "    - {name: pin, path: request.**.text, pattern: '(\\d+)'}\n"
                                 "    - {name: ticket, pattern: T, replace: pseudonym}\n");
  auto c = config({"--config", yaml.c_str(), "--redact", "email,card"});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->redaction.key_file, "a.key");
  ASSERT_EQ(c->redaction.rules.size(), 5U);
  EXPECT_EQ(c->redaction.rules[0], *built_in_rule("email"));
  EXPECT_EQ(c->redaction.rules[3].path, "request.**.text");
  EXPECT_EQ(c->redaction.rules[3].pattern, "(\\d+)");
  EXPECT_EQ(c->redaction.rules[4].replacement, RedactionRule::Replacement::pseudonym);
  c = config({"--upstream", "http://x", "--redact", "email"});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->redaction.rules[0].replacement, RedactionRule::Replacement::mark);
  EXPECT_EQ(config_warnings(*c).size(), 1U);
  c = config({"--upstream", "http://x", "--redact", "emails"});
  ASSERT_FALSE(c);
  EXPECT_NE(c.error().message.find("did you mean email?"), std::string::npos) << c.error().message;
}

TEST_F(ConfigTest, SaysWhatIsWrongWithARuleOfRedaction) {
  const auto error_of = [&](const std::string& rule) {
    const std::string yaml = write("r.yaml",
                                   "llm: {base_url: http://x}\n"
                                   "redaction:\n  rules:\n    - " +
                                       rule + "\n");
    const auto c = config({"--config", yaml.c_str()});
    return c ? std::string() : c.error().message;
  };
  EXPECT_NE(error_of("{name: a, patern: x}").find("unknown key 'patern'"), std::string::npos);
  EXPECT_NE(error_of("{name: a, replace: x}").find("mark or pseudonym"), std::string::npos);
  EXPECT_NE(error_of("[a]").find("expected a single value"), std::string::npos);
}

TEST_F(ConfigTest, TheExampleIsValid) {
  const std::string yaml = write("example.yaml", example_yaml());
  const auto c = config({"--config", yaml.c_str()});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->upstream.base_url, "https://api.openai.com");
}

std::string file_text(const std::string& name) {
  return tests::bytes_of_file(std::string(ALBICILLA_SOURCE_DIR) + "/" + name);
}

TEST_F(ConfigTest, GivesTheSinkWhatTheDotEnvFileHoldsForIt) {
  write(".env",
        "STORAGE_TYPE=azure\nAZURE_STORAGE_ACCOUNT_NAME=account\nAZURE_STORAGE_ACCOUNT_KEY='k='\n"
        "MAX_LOG_FIELD_SIZE=10\nEDITOR=vi\n");
  const auto c = config({"--upstream", "http://x"});
  ASSERT_TRUE(c);
  EXPECT_THAT(c->sink_environment, testing::UnorderedElementsAre(
                                       "AZURE_STORAGE_ACCOUNT_NAME=account",
                                       "AZURE_STORAGE_ACCOUNT_KEY=k=", "MAX_LOG_FIELD_SIZE=10"));
}

TEST_F(ConfigTest, MiddlewaresThatWriteFilesAreLayoutsOfTheSink) {
  write("a.yaml",
        "upstream: http://x\nmiddlewares:\n"
        "  - {type: trace, config: {include_headers: false, max_body_size: 100}}\n"
        "  - {type: message_logger, config: {directory: /m, buffer_size: 10}}\n");
  const auto c = config({"--config", directory_.path("a.yaml").c_str()});
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->sink_arguments,
            (std::vector<std::string>{"--layout", "trace:./traces", "--trace-no-headers",
                                      "--trace-body-limit", "100", "--layout", "messages:/m",
                                      "--messages-file", "message_log.jsonl"}));
  EXPECT_TRUE(unavailable_warnings(*c).empty());
  EXPECT_EQ(unavailable_warnings(
                *config({"--config", directory_.path("a.yaml").c_str(), "--sink", "ipc://s"}))
                .size(),
            1U);
  write("b.yaml", "upstream: http://x\nmiddlewares: [{type: trace, config: {directoy: a}}]\n");
  const auto wrong = config({"--config", directory_.path("b.yaml").c_str()});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "trace: unknown key 'directoy', did you mean directory?");
}

TEST(SettingsTable, EveryFlagStandsInTheReadme) {
  const std::string readme = file_text("README.md");
  for (const Setting& setting : settings_table()) {
    if (setting.names.empty() || setting.key.starts_with("bench-")) continue;
    EXPECT_NE(readme.find("`--" + std::string(setting.key) + "`"), std::string::npos)
        << setting.key;
  }
}

TEST(SettingsTable, EveryVariableStandsInTheEnvironmentExample) {
  const std::string example = file_text("deploy/.env.example");
  for (const Setting& setting : settings_table()) {
    for (const std::string& name : split_words(setting.environment)) {
      EXPECT_NE(example.find("# " + name + "="), std::string::npos) << name;
    }
  }
}

TEST(SettingsTable, NamesEverySettingOnce) {
  std::set<std::string_view> keys;
  for (const Setting& setting : settings_table()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
  }
}

}  // namespace
}  // namespace albicilla
