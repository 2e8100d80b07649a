#include "converter/reading/conversation_tree.h"

#include "tests/unit/converter/reading/session.h"

namespace albicilla {
namespace {

TEST(ConversationTree, JoinsRequestsThatRepeatTheirHistory) {
  Session session;
  session.add({chat({"u:hi"}), says("hello")});
  session.add({chat({"u:hi", "a:hello", "u:bye"}), says("ciao")});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello u:bye a1:ciao"});
  EXPECT_EQ(session.edges(), (Texts{"start", "continuation"}));
}

TEST(ConversationTree, MakesOneRecordOfARetryAfterAnError) {
  Session session;
  session.add({chat({"u:hi"}), R"({"error":{"message":"x"}})", -1, 500});
  session.add({chat({"u:hi"}), "null", -1, 0, "upstream_error"});
  session.add({chat({"u:hi"}), says("hello")});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello"});
  EXPECT_EQ(session.edges(), (Texts{"start", "retry", "retry"}));
}

TEST(ConversationTree, PrefersTheAnswerThatTheClientWentOnWith) {
  Session session;
  session.add({chat({"u:hi"}), says("first")});
  session.add({chat({"u:hi"}), says("second")});
  session.add({chat({"u:hi", "a:second", "u:more"}), says("third")});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:second u:more a1:third"});
  EXPECT_EQ(session.preferences(), Texts{"a1:second > a1:first"});
}

TEST(ConversationTree, KeepsBothAnswersWhenNeitherWasGoneOnWith) {
  Session session;
  session.add({chat({"u:hi"}), says("first")});
  session.add({chat({"u:hi"}), says("second")});
  EXPECT_EQ(session.trajectories(), (Texts{"u:hi a1:first", "u:hi a1:second"}));
  EXPECT_TRUE(session.preferences().empty());
}

TEST(ConversationTree, MakesTwoLeavesOfAnEditAndTrainsTheSharedPartOnce) {
  Session session;
  session.add({chat({"u:1"}), says("2")});
  session.add({chat({"u:1", "a:2", "u:3"}), says("4")});
  session.add({chat({"u:1", "a:2", "u:3 edited"}), says("5")});
  EXPECT_EQ(session.trajectories(), (Texts{"u:1 a1:2 u:3 a1:4", "u:1 a0:2 u:3 edited a1:5"}));
  EXPECT_EQ(session.edges(), (Texts{"start", "continuation", "edit_fork"}));
  EXPECT_TRUE(session.preferences().empty());
}

TEST(ConversationTree, TakesResultsInAnotherOrderForTheSamePath) {
  const std::string calls = calling({{"c1", "f", "{}"}, {"c2", "g", "{}"}});
  Session session;
  session.add({chat({"u:go"}), says(calls)});
  session.add({chat({"u:go", calls, result("c2", "two"), result("c1", "one")}), says("done")});
  session.add({chat({"u:go", calls, result("c1", "one"), result("c2", "two"), "a:done", "u:x"}),
               says("y")});
  EXPECT_EQ(session.trajectories(), Texts{"u:go a1:{f {}}{g {}} tc1:one tc2:two a1:done u:x a1:y"});
}

TEST(ConversationTree, DropsACallThatWasNeverAnsweredAtTheEnd) {
  Session session;
  session.add({chat({"u:hi"}), says("hello")});
  session.add({chat({"u:hi", "a:hello", "u:go"}), says(calling({{"c1", "f", "{}"}}))});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello"});
}

TEST(ConversationTree, RejectsAResultForACallThatWasNeverMade) {
  Session session;
  session.add({chat({"u:go"}), says(calling({{"c1", "f", "{}"}}))});
  session.add({chat({"u:go", calling({{"c1", "f", "{}"}}), result("zz", "x")}), says("done")});
  EXPECT_EQ(session.trajectories(),
            Texts{"error: a tool result answers a call that was never made"});
}

TEST(ConversationTree, GivesFewShotAnswersNoWeight) {
  Session session;
  session.add({chat({"u:2+2", "a:4", "u:3+3"}), says("6")});
  EXPECT_EQ(session.trajectories(), Texts{"u:2+2 a-0:4 u:3+3 a1:6"});
}

TEST(ConversationTree, JoinsAnAnswerWithWhatTheClientPutInItsMouth) {
  Session session;
  session.add({chat({"u:list", "a:1. one\\n2."}), says(" two")});
  session.add({chat({"u:list", "a:1. one\\n2. two", "u:more"}), says("3. three")});
  EXPECT_EQ(session.trajectories(), Texts{"u:list a1:1. one\\n2. two u:more a1:3. three"});
}

TEST(ConversationTree, StaysInOneTreeWhenTheSystemPromptChanges) {
  Session session;
  session.add({chat({"s:today is monday", "u:hi"}), says("hello")});
  session.add({chat({"s:today is tuesday", "u:hi", "a:hello", "u:bye"}), says("ciao")});
  EXPECT_EQ(session.trajectories(), Texts{"s:today is tuesday u:hi a1:hello u:bye a1:ciao"});
}

TEST(ConversationTree, StartsATreeForEqualFirstWordsInAnotherSetting) {
  Session session;
  session.add({chat({"s:one", "u:Hello"}), says("a")});
  session.add({chat({"s:two", "u:Hello"}), says("b")});
  session.add({chat({"s:two", "u:Hello", "a:b", "u:x"}), says("c")});
  EXPECT_EQ(session.trajectories(), (Texts{"s:one u:Hello a1:a", "s:two u:Hello a1:b u:x a1:c"}));
  EXPECT_EQ(session.edges(), (Texts{"start", "start", "continuation"}));
  EXPECT_TRUE(session.preferences().empty());
}

TEST(ConversationTree, GivesATitleGeneratorATreeOfItsOwn) {
  Session session;
  session.add({chat({"u:fix my code"}), says("done")});
  session.add({chat({"s:make a title", "u:fix my code"}), says("Fixing code")});
  session.add({chat({"u:fix my code", "a:done", "u:thanks"}), says("bye")});
  EXPECT_EQ(session.trajectories(), (Texts{"u:fix my code a1:done u:thanks a1:bye",
                                           "s:make a title u:fix my code a1:Fixing code"}));
}

TEST(ConversationTree, TakesArgumentsInAnotherSpellingForEqual) {
  Session session;
  session.add({chat({"u:go"}), says(calling({{"c1", "f", R"({"a": 1.50, "b": "ą"})"}}))});
  session.add(
      {chat({"u:go", calling({{"c1", "f", R"({"b":"\u0105","a":1.50})"}}), result("c1", "x")}),
       says("done")});
  EXPECT_EQ(session.trajectories(), Texts{R"(u:go a1:{f {"a":1.50,"b":"ą"}} tc1:x a1:done)"});
}

TEST(ConversationTree, TakesRewrittenCallIdsForEqualAndKeepsThemTogether) {
  Session session;
  session.add({chat({"u:go"}), says(calling({{"c1", "f", "{}"}, {"c2", "g", "{}"}}))});
  session.add({chat({"u:go", calling({{"x9", "f", "{}"}, {"x8", "g", "{}"}}), result("x8", "two"),
                     result("x9", "one")}),
               says("done")});
  EXPECT_EQ(session.trajectories(), Texts{"u:go a1:{f {}}{g {}} tc1:one tc2:two a1:done"});
}

TEST(ConversationTree, TakesAStringAndAListOfPartsForEqual) {
  Session session;
  session.add({chat({R"({"role":"user","content":[{"type":"text","text":"hi"}]})"}),
               says(R"({"role":"assistant","content":[{"type":"text","text":"hello"}]})")});
  session.add({chat({"u:hi", "a:hello \\n", "u:bye"}), says("ciao")});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello u:bye a1:ciao"});
}

TEST(ConversationTree, TakesNullEmptyAndAbsentContentBesideCallsForEqual) {
  for (const std::string content : {"null", "\"\"", "[]"}) {
    Session session;
    session.add({chat({"u:go"}), says(calling({{"c1", "f", "{}"}}))});
    session.add(
        {chat({"u:go", calling({{"c1", "f", "{}"}}, content), result("c1", "x")}), says("done")});
    EXPECT_EQ(session.trajectories(), Texts{"u:go a1:{f {}} tc1:x a1:done"}) << content;
  }
}

TEST(ConversationTree, MakesNoLeafOfAnAnswerThatBrokeOff) {
  for (const std::string ending : {"upstream_truncated", "client_abort", "interrupted"}) {
    Session session;
    session.add({chat({"u:go"}), says(calling({{"c1", "f", "{\"a"}})), -1, 200, ending});
    EXPECT_TRUE(session.trajectories().empty()) << ending;
  }
  Session session;
  session.add({chat({"u:go"}), says("cut", "length")});
  session.add({chat({"u:stop"}), says("bad", "content_filter")});
  EXPECT_TRUE(session.trajectories().empty());
}

TEST(ConversationTree, MakesSiblingsOfSeveralChoices) {
  Session session;
  session.add({chat({"u:hi"}),
               R"({"id":"r","choices":[{"index":0,"message":{"role":"assistant","content":"a"}},)"
               R"({"index":1,"message":{"role":"assistant","content":"b"}}]})"});
  session.add({chat({"u:hi", "a:b", "u:x"}), says("c")});
  EXPECT_EQ(session.trajectories(), (Texts{"u:hi a1:a", "u:hi a1:b u:x a1:c"}));
  EXPECT_TRUE(session.preferences().empty());
}

TEST(ConversationTree, TakesAnErrorWithStatus200ForAFailure) {
  Session session;
  session.add({chat({"u:hi"}), R"({"error":{"message":"overloaded"}})"});
  EXPECT_TRUE(session.trajectories().empty());
}

TEST(ConversationTree, SkipsAndCountsWhatIsNoConversation) {
  Session session;
  session.add({chat({"u:hi"}), says("hello")});
  session.add({R"({"model":"m","input":["a","b"]})", R"({"object":"list","data":[]})", -1, 200,
               "complete", "openai_embeddings", "/v1/embeddings"});
  session.add({R"("no json")", "null", -1, 200, "complete", "passthrough", "/v1/files"});
  session.add({"null", R"({"data":[]})", -1, 200, "complete", "passthrough", "/v1/files"});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello"});
  ASSERT_EQ(session.table().skipped().size(), 2U);
  EXPECT_EQ(session.table().skipped()[0].kind, "/v1/embeddings");
  EXPECT_EQ(session.table().skipped()[1].kind, "/v1/files");
  EXPECT_EQ(session.table().skipped()[1].count, 2U);
}

TEST(ConversationTree, OrdersByStartAndNotByTheEndThatTheLogShows) {
  Session session;
  session.add({chat({"u:hi", "a:hello", "u:bye"}), says("ciao"), 20});
  session.add({chat({"u:hi"}), says("hello"), 10});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello u:bye a1:ciao"});
}

TEST(ConversationTree, StandsAClockThatStepsBack) {
  Session session;
  session.add({chat({"u:hi"}), says("hello"), 100});
  session.add({chat({"u:hi", "a:hello", "u:bye"}), says("ciao"), 50});
  session.add({chat({"u:hi", "a:hello", "u:bye", "a:ciao", "u:x"}), says("y"), 60});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:hello u:bye a1:ciao u:x a1:y"});
}

TEST(ConversationTree, KeepsParallelConversationsApart) {
  Session session;
  session.add({chat({"u:a1"}), says("A1")});
  session.add({chat({"u:b1"}), says("B1")});
  session.add({chat({"u:a1", "a:A1", "u:a2"}), says("A2")});
  session.add({chat({"u:b1", "a:B1", "u:b2"}), says("B2")});
  EXPECT_EQ(session.trajectories(), (Texts{"u:a1 a1:A1 u:a2 a1:A2", "u:b1 a1:B1 u:b2 a1:B2"}));
}

TEST(ConversationTree, FoldsNeighbouringAssistantMessages) {
  Session session;
  session.add({chat({"u:go"}), says(calling({{"c1", "f", "{}"}}, "\"wait\""))});
  session.add(
      {chat({"u:go", "a:wait", calling({{"c1", "f", "{}"}}), result("c1", "x")}), says("done")});
  EXPECT_EQ(session.trajectories(), Texts{"u:go a1:wait{f {}} tc1:x a1:done"});
}

TEST(ConversationTree, TakesLegacyFunctionCallsForCalls) {
  Session session;
  session.add({chat({"u:go"}), says(R"({"role":"assistant","content":null,"function_call":)"
                                    R"({"name":"f","arguments":"{}"}})")});
  session.add({chat({"u:go",
                     R"({"role":"assistant","content":null,"function_call":)"
                     R"({"name":"f","arguments":"{ }"}})",
                     R"({"role":"function","name":"f","content":"x"})"}),
               says("done")});
  EXPECT_EQ(session.trajectories(), Texts{"u:go a1:{f {}} tcall_1_0:x a1:done"});
}

TEST(ConversationTree, KeepsTheReasoningThatOnlyTheAnswerHad) {
  Session session;
  session.add(
      {chat({"u:hi"}), says(R"({"role":"assistant","content":"hello","reasoning_content":"hm"})")});
  session.add({chat({"u:hi", "a:hello", "u:bye"}),
               says(R"({"role":"assistant","content":"ciao","reasoning_content":"so"})")});
  EXPECT_EQ(session.trajectories(), Texts{"u:hi a1:<hm>hello u:bye a1:<so>ciao"});
  EXPECT_EQ(session.turns(), (Texts{"u:hi a1:<hm>hello", "u:hi a0:hello u:bye a1:<so>ciao"}));
  EXPECT_EQ(session.calls(), (Texts{"u:hi a1:<hm>hello", "u:hi a-0:hello u:bye a1:<so>ciao"}));
}

TEST(ConversationTree, RejectsMessagesThatCannotBeRead) {
  Session session;
  EXPECT_EQ(session.add({chat({R"({"role":"ghost","content":"x"})"}), says("y")}),
            "a message has no known role");
  EXPECT_EQ(session.add({R"({"messages":["x"]})", says("y")}), "a message is not an object");
  session.add({chat({}), says("y")});
  EXPECT_EQ(session.edges(), Texts{"the request has no messages"});
}

TEST(ConversationTree, ReadsLegacyCompletions) {
  Session session;
  session.add({R"({"model":"m","prompt":"once upon"})",
               R"({"id":"r","object":"text_completion","choices":[{"index":0,"text":" a time",)"
               R"("finish_reason":"stop"}]})",
               -1, 200, "complete", "passthrough", "/v1/completions"});
  EXPECT_EQ(session.trajectories(), Texts{"u:once upon a1: a time"});
}

}  // namespace
}  // namespace albicilla
