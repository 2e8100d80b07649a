#include "common/session/conversation_hint.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ConversationHint hint_of(std::string_view request, std::string_view answer = {},
                         const ConversationRules& rules = {}) {
  ConversationExchange exchange;
  exchange.request = request;
  exchange.answer = answer;
  exchange.peer = "10.0.0.1\nsdk";
  return conversation_hint(exchange, rules);
}

// Does a request with this history continue the state that the exchange before reached?
bool continues(const ConversationHint& later, const ConversationHint& earlier) {
  return !later.continues.empty() && std::find(earlier.reaches.begin(), earlier.reaches.end(),
                                               later.continues.front()) != earlier.reaches.end();
}

struct Pair {
  const char* what;
  const char* request;
  const char* answer;
  const char* next;
};

TEST(ConversationHint, FindsTheStateAgainInWhatClientsSendBack) {
  const Pair pairs[] = {
      {"plain chat", R"({"messages":[{"role":"user","content":"hi"}]})",
       R"({"choices":[{"message":{"role":"assistant","content":"Hello! ","refusal":null}}]})",
       R"({"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"Hello!"},
           {"role":"user","content":"more"}]})"},
      {"parts instead of a string", R"({"messages":[{"role":"user","content":"hi"}]})",
       R"({"choices":[{"message":{"role":"assistant","content":"Hello!"}}]})",
       R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},
           {"role":"assistant","content":[{"type":"text","text":"Hello!"}]},
           {"role":"user","content":"more"}]})"},
      {"another system prompt",
       R"({"messages":[{"role":"system","content":"10:00"},{"role":"user","content":"hi"}]})",
       R"({"choices":[{"message":{"role":"assistant","content":"Hello!"}}]})",
       R"({"messages":[{"role":"developer","content":"10:05"},{"role":"user","content":"hi"},
           {"role":"assistant","content":"Hello!"},{"role":"user","content":"more"}]})"},
      {"a tool round trip, ids rewritten", R"({"messages":[{"role":"user","content":"sum"}]})",
       R"({"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c1",
           "type":"function","function":{"name":"add","arguments":"{\"a\": 1}"}}]}}]})",
       R"({"messages":[{"role":"user","content":"sum"},{"role":"assistant","tool_calls":[{"id":"x",
           "type":"function","function":{"name":"add","arguments":"{\"a\":1}"}}]},
           {"role":"tool","tool_call_id":"x","content":"1"}]})"},
      {"Anthropic with thinking", R"({"messages":[{"role":"user","content":"hi"}]})",
       R"({"role":"assistant","content":[{"type":"thinking","thinking":"hm"},
           {"type":"text","text":"Let me"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]})",
       R"({"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[
           {"type":"text","text":"Let me"},{"type":"tool_use","id":"t","name":"f","input":{"a": 1}}]},
           {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"ok"}]}]})"},
      {"an answer that the client began",
       R"({"messages":[{"role":"user","content":"a poem"},{"role":"assistant","content":"Roses"}]})",
       R"({"role":"assistant","content":[{"type":"text","text":" are red"}]})",
       R"({"messages":[{"role":"user","content":"a poem"},
           {"role":"assistant","content":"Roses are red"},{"role":"user","content":"on"}]})"},
      {"Responses items", R"({"input":"hi"})",
       R"({"id":"resp_1","output":[{"type":"reasoning","id":"r"},{"type":"message","role":"assistant",
           "content":[{"type":"output_text","text":"Hello"}]},
           {"type":"function_call","name":"f","arguments":"{}","call_id":"c"}]})",
       R"({"input":[{"role":"user","content":"hi"},{"type":"message","role":"assistant","content":[
           {"type":"output_text","text":"Hello"}]},{"type":"function_call","name":"f",
           "arguments":"{}","call_id":"c"},{"type":"function_call_output","call_id":"c",
           "output":"1"}]})"},
  };
  for (const Pair& pair : pairs) {
    EXPECT_TRUE(continues(hint_of(pair.next), hint_of(pair.request, pair.answer))) << pair.what;
  }
}

TEST(ConversationHint, TellsDifferentHistoriesApart) {
  const auto first = hint_of(R"({"messages":[{"role":"user","content":"hi"}]})",
                             R"({"choices":[{"message":{"role":"assistant","content":"A"}}]})");
  EXPECT_FALSE(continues(hint_of(R"({"messages":[{"role":"user","content":"hi"},
      {"role":"assistant","content":"B"},{"role":"user","content":"more"}]})"),
                         first));
  EXPECT_FALSE(continues(hint_of(R"({"messages":[{"role":"user","content":"ho"},
      {"role":"assistant","content":"A"},{"role":"user","content":"more"}]})"),
                         first));
}

TEST(ConversationHint, NeverLetsUsersMeet) {
  ConversationExchange alice;
  alice.request = R"({"messages":[{"role":"user","content":"hi"}]})";
  alice.answer = R"({"choices":[{"message":{"role":"assistant","content":"A"}}]})";
  alice.user_id = "alice";
  ConversationExchange bob;
  bob.request = R"({"messages":[{"role":"user","content":"hi"},
      {"role":"assistant","content":"A"},{"role":"user","content":"more"}]})";
  bob.user_id = "bob";
  EXPECT_FALSE(continues(conversation_hint(bob, {}), conversation_hint(alice, {})));
}

TEST(ConversationHint, ContinuesAnAnswerByItsName) {
  ConversationExchange first;
  first.request = R"({"input":"hi"})";
  first.answer_id = "resp_1";
  ConversationExchange second;
  second.request = R"({"input":"more","previous_response_id":"resp_1"})";
  second.previous_id = "resp_1";
  EXPECT_TRUE(continues(conversation_hint(second, {}), conversation_hint(first, {})));
}

TEST(ConversationHint, KnowsAnOpenerAgainOnlyWhenItsSenderSaysSo) {
  ConversationExchange opener;
  opener.request = R"({"messages":[{"role":"user","content":"hi"}]})";
  opener.peer = "10.0.0.1";
  opener.failed = true;
  const auto first = conversation_hint(opener, {});
  EXPECT_FALSE(continues(conversation_hint(opener, {}), first));
  opener.repeated = true;
  EXPECT_TRUE(continues(conversation_hint(opener, {}), first));
  opener.peer = "10.0.0.2";
  EXPECT_FALSE(continues(conversation_hint(opener, {}), first));
}

TEST(ConversationHint, HearsAResetInWholeWords) {
  const ConversationRules rules{false, {"clear", "start over"}};
  const auto resets = [&](std::string_view text) {
    return hint_of(R"({"messages":[{"role":"user","content":")" + std::string(text) + "\"}]}", {},
                   rules)
        .resets;
  };
  EXPECT_TRUE(resets("Please Start Over!"));
  EXPECT_TRUE(resets("clear"));
  EXPECT_FALSE(resets("that is unclear to me"));
}

TEST(ConversationHint, ASketchIsLikeThatOfNearlyTheSameText) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "sentence number " + std::to_string(i * 7919) + ". ";
  HistorySketch a;
  HistorySketch b;
  HistorySketch other;
  a.add(text);
  b.add(text + "One more.");
  for (int i = 0; i < 200; ++i) other.add("quite different " + std::to_string(i * 104729));
  EXPECT_GT(a.similarity(b), 0.85);
  EXPECT_LT(a.similarity(other), 0.6);
  EXPECT_EQ(HistorySketch().similarity(a), 0);
}

TEST(ConversationHint, GivesBackWhatItEncodesAndNothingElse) {
  ConversationRules rules;
  for (const bool sketch : {false, true}) {
    rules.sketch = sketch;
    const auto hint =
        hint_of(R"({"messages":[{"role":"user","content":"hello there"},
        {"role":"assistant","content":"general"},{"role":"user","content":"more"}]})",
                R"({"choices":[{"message":{"role":"assistant","content":"A"}}]})", rules);
    const std::string bytes = encode(hint);
    const auto back = parse_conversation_hint(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, hint);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(parse_conversation_hint(std::string_view(bytes).substr(0, size)));
    }
    EXPECT_FALSE(parse_conversation_hint(bytes + '\0'));
  }
}

TEST(ConversationHint, TakesAnyJsonWithoutHarm) {
  for (const char* text :
       {"", "null", "[]", R"({"messages":3})", R"({"messages":[1,"a",null,{}]})",
        R"({"input":[{"type":"function_call"}]})", R"({"messages":[{"role":7}]})"}) {
    EXPECT_LE(hint_of(text, text).continues.size(), 4U) << text;
  }
}

}  // namespace
}  // namespace albicilla
