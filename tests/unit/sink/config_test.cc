#include "sink/config.h"

#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

Result<SinkCommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "albicilla-sink");
  return parse_sink_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(SinkConfig, TakesFlagsAndFillsInTheRest) {
  const auto line = parse({"--listen", "tcp://127.0.0.1:7000", "--log-root", "/x/", "--window",
                           "2MiB", "--http", "off"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->config.ack_listen, "tcp://127.0.0.1:7001");
  EXPECT_EQ(line->config.log_root, "/x");
  EXPECT_EQ(commit_log_directory(line->config), "/x/.commit");
  EXPECT_EQ(line->config.window_bytes, 2U << 20);
  EXPECT_EQ(line->config.http, "");
}

TEST(SinkConfig, PrefersAFlagToItsVariableAndTakesAnEmptyOneForUnset) {
  ::setenv("SINK_LOG_ROOT", "/from-environment", 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(parse({})->config.log_root, "/from-environment");
  EXPECT_EQ(parse({"--log-root", "/flag"})->config.log_root, "/flag");
  ::setenv("SINK_LOG_ROOT", "", 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(parse({})->config.log_root, "./proxy_logs");
  ::unsetenv("SINK_LOG_ROOT");  // NOLINT(concurrency-mt-unsafe)
}

TEST(SinkConfig, SaysWhatAMistypedFlagMeant) {
  const auto line = parse({"--log-rot", "x"});
  ASSERT_FALSE(line);
  EXPECT_NE(line.error().message.find("did you mean --log-root?"), std::string::npos)
      << line.error().message;
}

TEST(SinkConfig, RefusesValuesThatCannotWork) {
  EXPECT_FALSE(parse({"--listen", "5557"}));
  EXPECT_FALSE(parse({"--window", "much"}));
  EXPECT_FALSE(parse({"--open-files", "0"}));
  EXPECT_FALSE(parse({"--log-level", "loud"}));
  EXPECT_FALSE(parse({"stray"}));
}

TEST(SinkConfig, ListensBeyondThisHostOnlyWhenToldThatItIsInsecure) {
  EXPECT_FALSE(parse({"--listen", "tcp://0.0.0.0:5557"}));
  EXPECT_FALSE(parse({"--ack-listen", "tcp://0.0.0.0:5558"}));
  EXPECT_TRUE(parse({"--listen", "tcp://0.0.0.0:5557", "--insecure-sink"}));
  EXPECT_TRUE(parse({"--listen", "tcp://0.0.0.0:5557", "--curve-dir", "/keys"}));
}

TEST(SinkConfig, AsksForTheChunksThatItsLayoutsShow) {
  const auto wanted = [](std::vector<const char*> arguments) {
    return wanted_chunks(parse(std::move(arguments))->config);
  };
  EXPECT_EQ(wanted({}), 0U);
  EXPECT_EQ(wanted({"--layout", "messages", "--layout", "user_model_day"}), 0U);
  EXPECT_EQ(wanted({"--layout", "events"}), 50U);
  EXPECT_EQ(wanted({"--layout", "events", "--max-log-chunks", "0"}), 0U);
  EXPECT_EQ(wanted({"--layout", "events", "--layout", "trace"}), 100U);
  EXPECT_EQ(wanted({"--layout", "events", "--keep-wire"}), UINT64_MAX);
}

TEST(SinkConfig, NamesEveryFlagAndVariableInItsHelp) {
  const auto line = parse({"--help"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, SinkCommand::print_and_exit);
  for (const char* word : {"--listen", "SINK_LISTEN", "SINK_LOG_ROOT", "Examples:"}) {
    EXPECT_NE(line->text.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace albicilla
