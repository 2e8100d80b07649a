#include "converter/options.h"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::variant<ConvertOptions, int> parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"albicilla-conv", "--logs", "/"});
  return parse_options(static_cast<int>(flags.size()), flags.data());
}

ConvertOptions parsed(std::vector<const char*> flags) {
  return std::get<ConvertOptions>(parse(std::move(flags)));
}

TEST(Options, DefaultsToDaysAsFoldersAndCallsAsText) {
  const ConvertOptions options = parsed({});
  EXPECT_EQ(options.output, "output");
  EXPECT_FALSE(options.single_file);
  EXPECT_EQ(options.by_day, ByDay::dirs);
  EXPECT_EQ(options.calls, CallStyle::json_tool_call);
}

TEST(Options, TakesThePredecessorsFlags) {
  const ConvertOptions options = parsed({"-o", "x", "-s", "-J", "-v"});
  EXPECT_EQ(options.output, "x");
  EXPECT_TRUE(options.single_file);
  EXPECT_EQ(options.calls, CallStyle::native);
  EXPECT_TRUE(options.verbose);
  EXPECT_EQ(parsed({"-J", "-j"}).calls, CallStyle::json_tool_call);
  EXPECT_EQ(parsed({"--by-day", "flat"}).by_day, ByDay::flat);
}

TEST(Options, RefusesAnUnknownFlagAndNamesTheNearest) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(std::get<int>(parse({"--single-fle"})), kExitUsage);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean --single-file?"),
            std::string::npos);
}

TEST(Options, RefusesAWrongWordAndAMissingFolder) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(std::get<int>(parse({"--by-day", "week"})), kExitUsage);
  const char* const missing[] = {"albicilla-conv", "--logs", "/no/such/folder"};
  EXPECT_EQ(std::get<int>(parse_options(3, missing)), kExitUsage);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("must be one of dirs, flat, got 'week'"), std::string::npos);
  EXPECT_NE(text.find("no such directory: /no/such/folder"), std::string::npos);
}

}  // namespace
}  // namespace albicilla
