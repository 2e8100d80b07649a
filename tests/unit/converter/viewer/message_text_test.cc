#include "converter/viewer/message_text.h"

#include <gtest/gtest.h>

namespace albicilla::viewer {
namespace {

TEST(MessageText, IsTheSameForAStringAndForTextParts) {
  EXPECT_EQ(read_message_text(R"({"role":"user","content":"hi \u0105"})").spoken, "hi ą\n");
  EXPECT_EQ(
      read_message_text(R"({"role":"user","content":[{"type":"text","text":"hi ą"}]})").spoken,
      "hi ą\n");
  EXPECT_EQ(read_message_text(R"("hi ą")").spoken, "hi ą\n");
}

TEST(MessageText, LeavesOutIdsTypesAndInlineFiles) {
  const auto text = read_message_text(
      R"({"id":"m1","role":"user","content":[{"type":"image_url","image_url":{"url":)"
      R"("data:image/png;base64,AAAA"}},{"type":"image","source":{"type":"base64","media_type":)"
      R"("image/png","data":"BBBB"}},{"type":"text","text":"look"}]})");
  EXPECT_EQ(text.spoken, "look\n");
}

TEST(MessageText, KeepsThoughtsApart) {
  const auto chat =
      read_message_text(R"({"role":"assistant","reasoning_content":"hm","content":"yes"})");
  EXPECT_EQ(chat.spoken, "yes\n");
  EXPECT_EQ(chat.thought, "hm\n");
  const auto blocks = read_message_text(
      R"([{"type":"thinking","thinking":"hm","signature":"xx"},{"type":"text","text":"yes"}])");
  EXPECT_EQ(blocks.spoken, "yes\n");
  EXPECT_EQ(blocks.thought, "hm\n");
}

TEST(MessageText, CountsCallsOfEveryApiAndReadsTheirArguments) {
  const auto chat = read_message_text(
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":)"
      R"({"name":"f","arguments":"{\"path\": \"a.txt\", \"n\": 3}"}},{"id":"c2","type":"function",)"
      R"("function":{"name":"g","arguments":"not json"}}]})");
  EXPECT_EQ(chat.calls, 2U);
  EXPECT_EQ(chat.spoken, "f\na.txt\n3\ng\nnot json\n");
  const auto anthropic = read_message_text(
      R"([{"type":"tool_use","id":"t1","name":"f","input":{"path":"a.txt","type":"x"}}])");
  EXPECT_EQ(anthropic.calls, 1U);
  EXPECT_EQ(anthropic.spoken, "f\na.txt\nx\n");
  const auto responses = read_message_text(
      R"({"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{\"a\":\"b\"}"})");
  EXPECT_EQ(responses.calls, 1U);
  EXPECT_EQ(responses.spoken, "f\nb\n");
}

TEST(MessageText, IsBoundedForDeepAndBrokenText) {
  const std::string deep = std::string(900, '[') + R"("x")" + std::string(900, ']');
  EXPECT_EQ(read_message_text(deep).spoken, "");
  EXPECT_EQ(read_message_text(R"({"content":"abc)").spoken, "");
  const std::string large = R"({"content":")" + std::string(kMostMessageText + 10, 'a') + R"("})";
  EXPECT_EQ(read_message_text(large).spoken.size(), kMostMessageText);
}

TEST(FirstWords, SkipWhatAgentsPutInFront) {
  EXPECT_EQ(first_words("<system-reminder>\nblah\n</system-reminder>\n  Fix  the\nbug ", 100),
            "Fix the bug");
  EXPECT_EQ(first_words("<a>only</a>", 100), "");
  EXPECT_EQ(first_words("<b open text", 100), "<b open text");
}

TEST(FirstWords, AreCutBetweenCharacters) {
  EXPECT_EQ(first_words("ąąą", 5), "ąą");
  EXPECT_EQ(first_words("ąąą", 6), "ąąą");
  EXPECT_EQ(first_words("日本", 4), "日");
}

}  // namespace
}  // namespace albicilla::viewer
