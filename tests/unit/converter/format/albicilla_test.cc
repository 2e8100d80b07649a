#include "converter/format/albicilla.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string record(std::string_view messages, std::string_view answer = "",
                   CallStyle style = CallStyle::json_tool_call) {
  TextRepairs repairs;
  auto text = albicilla_record(messages, answer, "", style, repairs);
  return text ? *text : "error: " + text.error().message;
}

TEST(AlbicillaFormat, DropsNullsOfMessagesAndKeepsUnknownFields) {
  EXPECT_EQ(record(R"([{"content":"a","role":"user","name":null,"x":{"y":null}}])"),
            R"({"messages": [{"role": "user", "content": "a", "x": {"y": null}}], "tools": []})");
}

TEST(AlbicillaFormat, WritesCallsAsText) {
  EXPECT_EQ(
      record("[]", R"({"role":"assistant","content":[{"type":"text","text":" a "},{"type":"x"},)"
                   R"({"type":"text","text":"b"}],"tool_calls":[{"id":"1","function":{"name":"f",)"
                   R"("arguments":"{\"n\":1.0,\"s\":\"\\u0105\"}"}},{"id":"2","function":{}},)"
                   R"({"id":"3","function":{"name":"g","arguments":{"k":[1,2]}}},)"
                   R"({"id":"4","function":{"name":"h","arguments":"no\njson"}}]})"),
      R"({"messages": [{"role": "assistant", "content": "a b\n)"
      R"(<tool_call>{\"name\": \"f\", \"arguments\": {\"n\": 1.0, \"s\": \"ą\"}}</tool_call>\n)"
      R"(<tool_call>{\"name\": \"g\", \"arguments\": {\"k\": [1, 2]}}</tool_call>\n)"
      R"(<tool_call>{\"name\": \"h\", \"arguments\": \"no\\njson\"}</tool_call>"}], "tools": []})");
}

TEST(AlbicillaFormat, WrapsResultsOfKnownCallsOnly) {
  EXPECT_EQ(
      record(R"([{"role":"tool","tool_call_id":"c\"1","content":null,"name":"f"},)"
             R"({"role":"tool","content":"x"},{"role":"assistant","tool_calls":[]}])"),
      R"({"messages": [{"role": "tool", "content": "<tool_result tool_call_id=\"c\"1\"></tool_result>", )"
      R"("name": "f"}, {"role": "tool", "content": "x"}, {"role": "assistant", "tool_calls": []}], )"
      R"("tools": []})");
}

TEST(AlbicillaFormat, SaysWhatIsWrongWithAMessage) {
  EXPECT_EQ(record(R"([{"content":"x"}])"), "error: a message has no role");
  EXPECT_EQ(record(R"(["x"])"), "error: a message is not an object");
  EXPECT_EQ(record("{}"), "error: request has no messages");
}

}  // namespace
}  // namespace albicilla
