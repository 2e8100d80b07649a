#include "converter/steps.h"

#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

namespace fs = std::filesystem;

using Convert = Conversion;

const fs::path kGolden = golden_folder();

TEST_F(Convert, WritesTheGoldenFilesPerDay) {
  options_.logs = kGolden / "logs";
  options_.by_day = ByDay::flat;
  EXPECT_EQ(run(), "Wrote 4 records across 3 files to " + options_.output.string() + "\n");
  EXPECT_EQ(tree_of(options_.output), tree_of(kGolden / "out-default"));
}

TEST_F(Convert, WritesTheGoldenFilesWithNativeCalls) {
  options_.logs = kGolden / "logs";
  options_.by_day = ByDay::flat;
  options_.calls = CallStyle::native;
  run();
  EXPECT_EQ(tree_of(options_.output), tree_of(kGolden / "out-no-json"));
}

TEST_F(Convert, WritesTheGoldenSingleFile) {
  options_.logs = kGolden / "logs";
  options_.single_file = true;
  EXPECT_EQ(run(),
            "Wrote 4 records to " + (options_.output / "conversations.jsonl").string() + "\n");
  EXPECT_EQ(tree_of(options_.output), tree_of(kGolden / "out-single"));
}

TEST_F(Convert, WritesDaysAsFoldersByDefault) {
  options_.logs = kGolden / "logs";
  run();
  EXPECT_EQ(bytes_of(options_.output / "2026-01-13/conversations.jsonl"),
            bytes_of(kGolden / "out-default/2026-01-13.jsonl"));
}

std::string line(const std::string& second, const std::string& request,
                 const std::string& response) {
  return R"({"timestamp": "2026-01-13T10:00:)" + second + R"(+00:00", "session_id": "s", )" +
         R"("request": )" + request + R"(, "response": )" + response + "}\n";
}

std::string answer(const std::string& text) {
  return R"({"id":"r","choices":[{"index":0,"message":{"role":"assistant","content":")" + text +
         "\"}}]}";
}

TEST_F(Convert, KeepsTheConversationWhenAShortRequestComesLast) {
  write_log("s.jsonl",
            line("00",
                 R"({"model":null,"messages":[{"role":"user","content":"a"},)"
                 R"({"role":"assistant","content":"b"},{"role":"user","content":"c"}]})",
                 answer("d")) +
                line("01", R"({"messages":[{"role":"user","content":"title?"}]})", answer("t")));
  run();
  EXPECT_EQ(bytes_of(options_.output / "2026-01-13/conversations.jsonl"),
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": )"
            R"("b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}], )"
            "\"tools\": []}\n");
}

TEST_F(Convert, SkipsDotFoldersAndOtherLayouts) {
  const std::string good = line("00", R"({"messages":[{"role":"user","content":"a"}]})", "null");
  write_log(".layouts/events/x.jsonl", good);
  write_log("events.jsonl", "{\"request_id\":\"1\",\"prompt\":\"x\"}\n" + good);
  EXPECT_EQ(run(), "No sessions found to process.\n");
  EXPECT_TRUE(fs::is_directory(options_.output));
}

TEST_F(Convert, ListsRejectedLinesAndKeepsTheRest) {
  options_.rejects = root_ / "rejects.jsonl";
  const std::string good = line("00", R"({"messages":[{"role":"user","content":"a"}]})", "null");
  write_log("s.jsonl", "{bad\n" + good + good.substr(0, 40));
  EXPECT_EQ(run(), "Wrote 1 records across 1 files to " + options_.output.string() + "\n");
  EXPECT_EQ(bytes_of(options_.rejects),
            R"({"file": "s.jsonl", "line": 1, "reason": "not valid JSON at byte 1: a key was )"
            "expected\"}\n"
            R"({"file": "s.jsonl", "line": 3, "reason": "not valid JSON at byte 40: text ends )"
            "inside a string\"}\n");
}

}  // namespace
}  // namespace albicilla
