#include "converter/viewer/exporter.h"

#include <sys/stat.h>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

Parameters none() {
  return [](std::string_view) { return std::string(); };
}

class ExporterTest : public testing::Test {
 protected:
  // A program in the converter's place.
  std::string program(const std::string& script) {
    const std::string path = root_.path("conv");
    tests::write_whole_file(path, "#!/bin/sh\n" + script + "\n");
    ::chmod(path.c_str(), 0700);
    return path;
  }

  Exporter::State wait(Exporter& exporter, const std::string& id) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      const auto state = exporter.state(id);
      if (state && !state->running) return *state;
      if (std::chrono::steady_clock::now() > end) return {};
      std::this_thread::yield();
    }
  }

  tests::ScratchDirectory root_;
};

TEST(ShellLine, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_line({"conv", "--model", "a b", "it's", "", "$(x)"}),
            "conv --model 'a b' 'it'\\''s' '' '$(x)'");
}

TEST(ExportWish, KnowsTheConvertersFormats) {
  const auto wish = [](const char* format, const char* view) {
    return parse_export_wish([=](std::string_view name) {
      return std::string(name == "format" ? format : name == "view" ? view : "");
    });
  };
  EXPECT_TRUE(wish("openai", "turn"));
  EXPECT_TRUE(wish("", ""));
  EXPECT_FALSE(wish("--output", ""));
  EXPECT_FALSE(wish("openai", "sideways"));
}

TEST_F(ExporterTest, GivesTheFilesThatTheConverterWrote) {
  Exporter exporter({program("echo one > \"$4/conversations.jsonl\"; echo said >&2"), "/logs",
                     root_.path("work")});
  auto id = exporter.start(*parse_export_wish(none()));
  ASSERT_TRUE(id) << id.error().message;
  const Exporter::State state = wait(exporter, *id);
  EXPECT_EQ(state.exit_code, 0);
  ASSERT_EQ(state.files.size(), 1U);
  EXPECT_EQ(state.files[0].name, "conversations.jsonl");
  EXPECT_EQ(state.messages, "said\n");
  const auto file = exporter.file(*id, "conversations.jsonl");
  ASSERT_TRUE(file);
  EXPECT_EQ(tests::bytes_of_file(file->string()), "one\n");
  EXPECT_FALSE(exporter.file(*id, "../conversations.jsonl"));
  EXPECT_FALSE(exporter.file(*id, ".messages"));
  EXPECT_FALSE(exporter.file("../" + *id, "conversations.jsonl"));
}

TEST_F(ExporterTest, TellsHowAConverterFailed) {
  Exporter exporter({program("echo broken >&2; exit 3"), "/logs", root_.path("work")});
  const auto id = exporter.start(*parse_export_wish(none()));
  ASSERT_TRUE(id);
  EXPECT_EQ(wait(exporter, *id).exit_code, 3);
  Exporter missing({root_.path("nowhere"), "/logs", root_.path("work2")});
  EXPECT_FALSE(missing.start(*parse_export_wish(none())));
}

TEST_F(ExporterTest, RunsNoMoreThanTwoAndEndsThemWithItself) {
  const auto begin = std::chrono::steady_clock::now();
  {
    Exporter exporter({program("exec sleep 600"), "/logs", root_.path("work")});
    EXPECT_TRUE(exporter.start(*parse_export_wish(none())));
    EXPECT_TRUE(exporter.start(*parse_export_wish(none())));
    const auto third = exporter.start(*parse_export_wish(none()));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().fault, Fault::client);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_FALSE(std::filesystem::exists(root_.path("work")));
}

}  // namespace
}  // namespace albicilla::viewer
