// A session's conversations for the page: branches, edges and where each message comes from.
#include "converter/viewer/reconstruction.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "converter/reading/log_entry.h"
#include "converter/viewer/conversation_json.h"
#include "converter/viewer/indexer.h"
#include "tests/bench/viewer/log_maker.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

using JsonValue = nlohmann::json;

std::string message(std::string_view role, std::string_view text) {
  return R"({"role":")" + std::string(role) + R"(","content":")" + std::string(text) + R"("})";
}

class ReconstructionTest : public testing::Test {
 protected:
  // One exchange, a minute after the one before; `answer` empty: none came.
  void append(const std::vector<std::string>& messages, const std::string& answer,
              const std::string& tools = "") {
    MadeLine line;
    line.session = "s";
    line.closed_at = *parse_iso8601("2026-01-13T23:58:00Z") + std::chrono::minutes(lines_++);
    line.request = R"({"model":"m",)" + tools + R"("messages":[)";
    for (std::size_t i = 0; i < messages.size(); ++i) {
      line.request += (i > 0 ? "," : "") + messages[i];
    }
    line.request += "]}";
    line.response =
        answer.empty() ? "null" : R"({"id":"r","choices":[{"index":0,"message":)" + answer + "}]}";
    if (answer.empty()) line.status = 529;
    log_.append(line);
  }

  JsonValue conversation(const std::string& branch = "") {
    auto indexer = Indexer::open({root_.path(), index_.path()},
                                 {[](auto, bool) {}, [this](const auto& day) { pool_.drop(day); }});
    EXPECT_TRUE((*indexer)->run_once());
    const auto lines = find_session_lines(pool_, "s");
    EXPECT_TRUE(lines);
    auto session = Reconstruction::make(root_.path(), *lines, index_.path());
    EXPECT_TRUE(session) << session.error().message;
    std::string text;
    EXPECT_TRUE(write_conversation(text, **session, (*session)->branch_of(branch)));
    return JsonValue::parse(text);
  }

  tests::ScratchDirectory root_;
  tests::ScratchDirectory index_;
  LogMaker log_{root_.path()};
  DayPool pool_{index_.path()};
  int lines_ = 0;
};

TEST_F(ReconstructionTest, GivesOneBranchForEachWayThatAConversationWent) {
  append({message("user", "a")}, message("assistant", "b"));
  append({message("user", "a"), message("assistant", "b"), message("user", "c")},
         message("assistant", "d"));
  append({message("user", "a"), message("assistant", "b"), message("user", "e")},
         message("assistant", "f"));
  const JsonValue first = conversation("2026-01-13/s.jsonl:2");
  ASSERT_EQ(first["branches"].size(), 2U);
  ASSERT_EQ(first["messages"].size(), 4U);
  EXPECT_EQ(first["messages"][3]["parts"][0]["text"], "d");
  EXPECT_TRUE(first["messages"][3]["observed"]);
  EXPECT_EQ(first["messages"][2]["alternatives"].size(), 2U);
  const JsonValue second = conversation();
  EXPECT_EQ(second["messages"][3]["parts"][0]["text"], "f")
      << "the one that the client went on with";
  EXPECT_EQ(second["messages"][2]["edge"], "edit_fork");
  EXPECT_EQ(second["messages"][2]["from"], "2026-01-13/s.jsonl:1");
  EXPECT_EQ(second["messages"][2]["ref"], "2026-01-14/s.jsonl:1") << "over midnight";
}

TEST_F(ReconstructionTest, TellsWhatWasObservedFromWhatARequestAsserts) {
  append({message("user", "a"), message("assistant", "never seen"), message("user", "b")},
         message("assistant", "seen"));
  const JsonValue json = conversation();
  ASSERT_EQ(json["messages"].size(), 4U);
  EXPECT_FALSE(json["messages"][1]["observed"]);
  EXPECT_TRUE(json["messages"][3]["observed"]);
}

TEST_F(ReconstructionTest, CountsRetriesAndShowsWhatWasNeverAnswered) {
  append({message("user", "a")}, "");
  append({message("user", "a")}, "");
  const JsonValue json = conversation();
  ASSERT_EQ(json["branches"].size(), 1U);
  EXPECT_EQ(json["branches"][0]["outcome"], "unanswered");
  EXPECT_EQ(json["messages"][0]["retries"], 1);
}

TEST_F(ReconstructionTest, PutsResultsToTheirCallsAndSubAgentsToTheirs) {
  const std::string tools = R"("tools":[{"type":"function","function":{"name":"task"}}],)";
  const std::string calling =
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",)"
      R"("function":{"name":"task","arguments":"{\"prompt\":\"look at the pumps\"}"}}]})";
  const std::string result = R"({"role":"tool","tool_call_id":"c","content":"all dry"})";
  append({message("user", "check")}, calling, tools);
  append({message("user", "look at the pumps")}, message("assistant", "all dry"), tools);
  append({message("user", "check"), calling, result}, message("assistant", "fine"), tools);
  const JsonValue json = conversation();
  ASSERT_EQ(json["branches"].size(), 2U);
  ASSERT_EQ(json["messages"].size(), 4U);
  const JsonValue& call = json["messages"][1]["parts"][0];
  EXPECT_EQ(call["name"], "task");
  EXPECT_EQ(json["messages"][2]["call"], call["id"]);
  ASSERT_EQ(call["agents"].size(), 1U);
  const JsonValue agent = conversation(call["agents"][0].get<std::string>());
  EXPECT_EQ(agent["messages"][0]["parts"][0]["text"], "look at the pumps");
  EXPECT_EQ(agent["branches"][1]["edge"], "sub_agent");
  EXPECT_EQ(agent["branches"][1]["caller"], json["branches"][0]["key"]);
}

TEST_F(ReconstructionTest, KeepsAnAddressWhileTheConversationGrows) {
  append({message("user", "a")}, message("assistant", "b"));
  const std::string key = conversation()["branches"][0]["key"].get<std::string>();
  append({message("user", "a"), message("assistant", "b"), message("user", "c")},
         message("assistant", "d"));
  append({message("user", "other")}, message("assistant", "thing"));
  const JsonValue json = conversation(key);
  EXPECT_EQ(json["messages"].size(), 4U);
}

}  // namespace
}  // namespace albicilla::viewer
