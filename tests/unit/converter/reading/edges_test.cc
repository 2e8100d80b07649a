#include "converter/reading/edges.h"

#include "tests/unit/converter/reading/session.h"

namespace albicilla {
namespace {

const std::string kSummary =
    "So far the user asked for a parser, it was written and its tests pass; the docs are missing.";

TEST(Edges, NamesASubAgentByTheArgumentOfTheCallThatStartedIt) {
  Session session;
  const std::string call = calling({{"c1", "task", R"({"prompt":"find all bugs","kind":"x"})"}});
  session.add({chat({"u:review this"}), says(call)});
  session.add({chat({"s:you are a finder", "u:find all bugs"}), says("two bugs")});
  session.add({chat({"u:review this", call, result("c1", "two bugs")}), says("done")});
  EXPECT_EQ(session.edges(), (Texts{"start", "sub_agent", "continuation"}));
  EXPECT_EQ(session.origins(), (Texts{"start  ", "sub_agent e1 c1"}));
}

TEST(Edges, FindsTheSubAgentsWordsAmongOtherParts) {
  Session session;
  const std::string call = calling({{"c1", "task", R"({"prompt":"  find \"all\" bugs\n"})"}});
  session.add({chat({"u:review"}), says(call)});
  session.add({chat({R"({"role":"user","content":[{"type":"text","text":"<reminder>x</reminder>"},)"
                     R"({"type":"text","text":"find \"all\" bugs"}]})"}),
               says("none")});
  EXPECT_EQ(session.edges(), (Texts{"start", "sub_agent"}));
}

TEST(Edges, NamesASubAgentByTheResultThatItsLastWordsBecame) {
  Session session;
  const std::string call = calling({{"c7", "task", R"({"kind":"finder"})"}});
  session.add({chat({"u:review this"}), says(call)});
  session.add({chat({"u:do your work"}), says("I found two bugs in the parser.")});
  session.add(
      {chat({"u:review this", call, result("c7", "I found two bugs in the parser.")}), says("ok")});
  EXPECT_EQ(session.origins(), (Texts{"start  ", "sub_agent e1 c7"}));
}

TEST(Edges, GivesEachOfSeveralEqualCallsItsOwnSubAgent) {
  Session session;
  const std::string calls =
      calling({{"c1", "task", R"({"prompt":"look"})"}, {"c2", "task", R"({"prompt":"look"})"}});
  session.add({chat({"u:twice"}), says(calls)});
  session.add({chat({"s:a", "u:look"}), says("one")});
  session.add({chat({"s:b", "u:look"}), says("two")});
  EXPECT_EQ(session.edges(), (Texts{"start", "sub_agent", "sub_agent"}));
  EXPECT_EQ(session.origins(), (Texts{"sub_agent e1 c1", "sub_agent e1 c2"}));
}

TEST(Edges, NamesAConversationThatBeginsWithASummaryOfAnother) {
  Session session;
  session.add({chat({"u:write a parser"}), says("here it is")});
  session.add({chat({"u:write a parser", "a:here it is", "u:sum up"}), says(kSummary)});
  session.add(
      {chat({"u:This goes on from before: " + kSummary + " Go on."}), says("docs written")});
  EXPECT_EQ(session.edges(), (Texts{"start", "continuation", "compaction"}));
  EXPECT_EQ(session.origins(), (Texts{"start  ", "compaction e2 "}));
}

TEST(Edges, NamesACompactionThatKeepsTheLastTurns) {
  Session session;
  session.add({chat({"u:1"}), says("a1")});
  session.add({chat({"u:1", "a:a1", "u:2"}), says("a2")});
  session.add({chat({"u:1", "a:a1", "u:2", "a:a2", "u:3"}), says("a3")});
  session.add({chat({"u:summary", "u:3", "a:a3", "u:4"}), says("a4")});
  EXPECT_EQ(session.edges(), (Texts{"start", "continuation", "continuation", "compaction"}));
}

TEST(Edges, NamesATruncationThatDropsTheOldestTurns) {
  Session session;
  session.add({chat({"s:be nice", "u:1"}), says("a1")});
  session.add({chat({"s:be nice", "u:1", "a:a1", "u:2"}), says("a2")});
  session.add({chat({"s:be nice", "u:2", "a:a2", "u:3"}), says("a3")});
  EXPECT_EQ(session.edges(), (Texts{"start", "continuation", "truncation"}));
  // What the earlier tree trains is context here.
  EXPECT_EQ(session.trajectories()[1], "s:be nice u:2 a-0:a2 u:3 a1:a3");
}

TEST(Edges, NamesATruncationThatKeepsTheFirstTurn) {
  Session session;
  session.add({chat({"u:1"}), says("a1")});
  session.add({chat({"u:1", "a:a1", "u:2"}), says("a2")});
  session.add({chat({"u:1", "a:a1", "u:2", "a:a2", "u:3"}), says("a3")});
  session.add({chat({"u:1", "a:a1", "u:3", "a:a3", "u:4"}), says("a4")});
  EXPECT_EQ(session.edges()[3], "truncation");
}

TEST(Edges, NamesContextEditingThatClearsOldResults) {
  Session session;
  const std::string call = calling({{"c1", "read", "{}"}});
  session.add({chat({"u:go"}), says(call)});
  session.add({chat({"u:go", call, result("c1", "long text")}), says("read it")});
  session.add({chat({"u:go", call, result("c1", "[cleared]"), "a:read it", "u:more"}), says("ok")});
  EXPECT_EQ(session.edges(), (Texts{"start", "continuation", "context_editing"}));
}

TEST(Edges, LeavesUnrelatedConversationsAndEditsAlone) {
  Session session;
  session.add({chat({"u:1"}), says("yes")});
  session.add({chat({"u:other"}), says("yes")});
  session.add({chat({"u:1", "a:yes", "u:2"}), says("no")});
  session.add({chat({"u:1", "a:yes", "u:2b"}), says("no")});
  EXPECT_EQ(session.edges(), (Texts{"start", "start", "continuation", "edit_fork"}));
}

TEST(Edges, TellsHelpersFromConversations) {
  Session session;
  const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"f"}}])";
  session.add({chat({"s:make a title", "u:fix my code"}), says("Fixing code")});
  session.add({chat({"u:fix my code"}, tools), says("done")});
  session.add({chat({"u:fix my code", "a:done", "u:thanks"}, tools), says("bye")});
  const auto helpers = helper_roots(session.tree());
  ASSERT_EQ(helpers.size(), 1U);
  EXPECT_EQ(session.tree()[helpers[0]].exchange, 0U);
}

TEST(Edges, TakesASingleConversationForNoHelper) {
  Session session;
  session.add({chat({"u:hi"}), says("hello")});
  EXPECT_TRUE(helper_roots(session.tree()).empty());
}

}  // namespace
}  // namespace albicilla
