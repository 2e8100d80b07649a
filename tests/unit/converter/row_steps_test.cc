// The steps between a conversation and a file: redaction, near and exact repeats, filters.
#include "converter/min_hash.h"
#include "converter/redaction.h"
#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

std::shared_ptr<const Redaction> rules(const std::string& list, const std::string& key = "k") {
  auto made = Redaction::parse("key: " + key + "\nrules: " + list + "\n", ".");
  EXPECT_TRUE(made);
  return made ? *made : nullptr;
}

TEST(Redaction, ReachesIntoArgumentsThatAreJsonInsideAString) {
  const auto redaction = rules("[email]");
  std::string row = R"({"arguments":"{\"to\":\"ann@example.com\",\"n\":1.50}"})";
  EXPECT_EQ(redaction->apply(row), 1U);
  EXPECT_EQ(row.find("ann@"), std::string::npos);
  EXPECT_TRUE(row.starts_with(R"({"arguments":"{\"to\":\"[email-)")) << row;
  EXPECT_TRUE(row.ends_with(R"(]\",\"n\":1.50}"})")) << row;
  EXPECT_TRUE(redaction->check(row));
}

TEST(Redaction, GivesOneTextOnePseudonymThatTheKeyDecides) {
  std::string one = R"(["ann@example.com","bob@example.com","x ann@example.com"])";
  std::string other = one;
  EXPECT_EQ(rules("[email]")->apply(one), 3U);
  rules("[email]", "another")->apply(other);
  const std::string name = one.substr(2, one.find('"', 2) - 2);
  EXPECT_NE(one.find("x " + name), std::string::npos);
  EXPECT_NE(one.substr(0, 20), other.substr(0, 20));
}

TEST(Redaction, TakesNumbersForCardsAndIbansOnlyWhenTheirChecksumsHold) {
  const auto redaction = rules("[card, iban]");
  std::string row =
      R"(["4111 1111 1111 1111","4111 1111 1111 1112","GB82WEST12345698765432","GB83WEST12345698765432"])";
  EXPECT_EQ(redaction->apply(row), 2U) << row;
  EXPECT_NE(row.find("1112"), std::string::npos);
  EXPECT_NE(row.find("GB83"), std::string::npos);
}

TEST(Redaction, LeavesARowWithoutMatchesAsItIs) {
  std::string row = R"({"a":"\u0041 \/ x","b":[1e5,null]})";
  const std::string before = row;
  EXPECT_EQ(rules("[email]")->apply(row), 0U);
  EXPECT_EQ(row, before);
}

TEST(Redaction, HasEveryRuleOfTheProxyAndItsPseudonyms) {
  std::vector<RedactionRule> proxy_rules;
  std::string names;
  for (const std::string& name : built_in_rule_names()) {
    names += (names.empty() ? "" : ",") + name;
    proxy_rules.push_back(*built_in_rule(name));
    proxy_rules.back().replacement = RedactionRule::Replacement::pseudonym;
  }
  const auto proxy = RedactionPolicy::make(std::move(proxy_rules), "k");
  ASSERT_TRUE(proxy);
  const std::string secrets =
      R"({"ann@example.com":4111111111111111,"b":["sk-proj-abcdefghijklmnopqrst","GB82WEST12345698765432"],)"
      R"("c":"{\"jwt\":\"eyJhbGciOiJI.eyJzdWIiOiIx.c2ln\",\"n\":0.4111111111111111}"})";
  std::string row = secrets + "\n" + secrets;
  const auto redaction = rules("[" + names + "]");
  EXPECT_EQ(redaction->apply(row), 10U);
  RedactionCounts counts;
  const std::string logged = proxy->redact_json("", secrets, counts);
  EXPECT_EQ(row, logged + "\n" + logged);
  EXPECT_TRUE(redaction->check(row));
  EXPECT_FALSE(redaction->check(secrets));
}

TEST(Redaction, RefusesRulesThatCannotBe) {
  EXPECT_FALSE(Redaction::parse("rules: [email]\n", "."));
  EXPECT_FALSE(Redaction::parse("key: k\nrules: [phone]\n", "."));
  EXPECT_FALSE(Redaction::parse("key: k\nrules: [{name: x, pattern: '('}]\n", "."));
}

TEST(MinHash, SharesABandOnlyWithWhatIsAlmostTheSame) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "word" + std::to_string(i * i % 211) + " ";
  const auto bands = min_hash_bands(text);
  const auto near = min_hash_bands(text + "and an end");
  const auto far = min_hash_bands("something else that has nothing to do with the words above");
  const auto shared = [&bands](const std::vector<std::uint64_t>& others) {
    return std::any_of(others.begin(), others.end(), [&bands](std::uint64_t band) {
      return std::find(bands.begin(), bands.end(), band) != bands.end();
    });
  };
  EXPECT_EQ(bands.size(), 14U);
  EXPECT_TRUE(shared(near));
  EXPECT_FALSE(shared(far));
}

class RowSteps : public Conversion {
 protected:
  void SetUp() override {
    Conversion::SetUp();
    choose("trl");
  }

  // One exchange "question -> answer" of this session behind what was said before.
  static std::string exchange(const std::string& session, const std::string& before,
                              const std::string& question, const std::string& answer) {
    return R"({"timestamp":"2026-01-13T10:00:00+00:00","session_id":")" + session +
           R"(","request":{"messages":[)" + before + R"({"role":"user","content":")" + question +
           R"("}]},"response":{"choices":[{"message":{"role":"assistant","content":")" + answer +
           R"("}}]},"exchange":{"id":"e","path":"/v1/chat/completions","status":200,)"
           R"("ending":"complete","dialect":"openai_chat","model":")" +
           session + R"(-model","user_id":"ann"}})" + "\n";
  }

  std::size_t rows() {
    const std::string text = files()["conversations.jsonl"];
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
};

TEST_F(RowSteps, LeaveOutWhatAnotherSessionSaysOrBeginsWith) {
  write_log("a.jsonl", exchange("a", "", "hi", "hello"));
  write_log("b.jsonl", exchange("b", "", "hi", "hello"));
  write_log("c.jsonl", exchange("c",
                                R"({"role":"user","content":"hi"},)"
                                R"({"role":"assistant","content":"hello"},)",
                                "more", "no"));
  EXPECT_EQ(rows(), 3U);
  options_.dedupe = Dedupe::exact;
  EXPECT_EQ(rows(), 2U);
  options_.dedupe = Dedupe::prefix;
  EXPECT_EQ(rows(), 1U);
}

TEST_F(RowSteps, KeepOnlyWhatTheFiltersWant) {
  write_log("a.jsonl", exchange("a", "", "hi", "hello"));
  write_log("b.jsonl", exchange("b", "", "hi", "hello"));
  options_.filter.models = {"a-model"};
  EXPECT_EQ(rows(), 1U);
  options_.filter.models = {};
  options_.filter.users = {"bob"};
  EXPECT_EQ(rows(), 0U);
  options_.filter.users = {};
  options_.filter.where = {*parse_condition("session~b"), *parse_condition("turns<2")};
  EXPECT_EQ(rows(), 1U);
  options_.filter.where = {*parse_condition("model!=a-model")};
  EXPECT_EQ(rows(), 1U);
  EXPECT_FALSE(parse_condition("colour=red"));
}

// Anthropic's and OpenAI's later API say the same thing in other shapes.
TEST_F(RowSteps, MakeOneKindOfRowOfAllDialects) {
  const auto line = [](const std::string& dialect, const std::string& request,
                       const std::string& response) {
    return R"({"timestamp":"2026-01-13T10:00:00+00:00","session_id":"s","request":)" + request +
           R"(,"response":)" + response +
           R"(,"exchange":{"id":"e","path":"/v1/x","status":200,)"
           R"("ending":"complete","dialect":")" +
           dialect + "\"}}\n";
  };
  write_log("s.jsonl",
            line("anthropic_messages",
                 R"({"tools":[{"name":"f","input_schema":{"type":"object"}}],)"
                 R"("system":"S","messages":[{"role":"user","content":"U"},{"role":"assistant",)"
                 R"("content":[{"type":"tool_use","id":"c1","name":"f","input":{"x":1}}]},)"
                 R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1",)"
                 R"("content":"R"}]}]})",
                 R"({"type":"message","role":"assistant","stop_reason":"end_turn",)"
                 R"("content":[{"type":"thinking","thinking":"T","signature":"z"},)"
                 R"({"type":"text","text":"A"}]})"));
  const std::string anthropic = files().at("conversations.jsonl");
  write_log("s.jsonl",
            line("openai_responses",
                 R"({"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],)"
                 R"("instructions":"S","input":[{"role":"user","content":"U"},)"
                 R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\":1}"},)"
                 R"({"type":"function_call_output","call_id":"c1","output":"R"}]})",
                 R"({"id":"r","object":"response","status":"completed","output":[)"
                 R"({"type":"reasoning","summary":[{"type":"summary_text","text":"T"}]},)"
                 R"({"type":"message","role":"assistant","content":[{"type":"output_text",)"
                 R"("text":"A"}]}]})"));
  const std::string responses = files().at("conversations.jsonl");
  EXPECT_FALSE(anthropic.empty());
  EXPECT_EQ(anthropic, responses) << written("rejects.jsonl");
}

}  // namespace
}  // namespace albicilla
