#include "converter/viewer/line_facts.h"

#include <gtest/gtest.h>

#include "converter/viewer/session_row.h"
#include "tests/bench/viewer/log_maker.h"

namespace albicilla::viewer {
namespace {

std::vector<std::string> raws(const LineFacts& facts) {
  std::vector<std::string> raws;
  for (const RawMessage& message : facts.messages) {
    raws.push_back(std::string(to_string(message.role)) + " " + std::string(message.raw));
  }
  return raws;
}

using Raws = std::vector<std::string>;

TEST(LineFacts, TakesWhatTheExchangeSays) {
  MadeLine made;
  made.session = "a \"b\"";
  made.user = "ann";
  made.status = 429;
  made.error = "slow down";
  const auto facts = read_line_facts(unchained_line(made, 7));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->session, "a \"b\"");
  EXPECT_EQ(facts->user, "ann");
  EXPECT_EQ(facts->status, 429);
  EXPECT_EQ(facts->error, "slow down");
  EXPECT_EQ(facts->duration_us, 1000000);
  EXPECT_EQ(facts->first_byte_us, 200000);
  EXPECT_EQ(facts->input_tokens, 10);
  EXPECT_EQ(facts->cached_tokens, std::nullopt);
  EXPECT_EQ(micros(facts->closed_at) - micros(facts->started_at), 1000000);
  EXPECT_TRUE(facts->failed());
}

TEST(LineFacts, FindsTheMessagesOfEachApi) {
  MadeLine chat;
  const auto chat_facts = read_line_facts(unchained_line(chat, 1));
  ASSERT_TRUE(chat_facts);
  EXPECT_EQ(raws(*chat_facts), (Raws{R"(user {"role":"user","content":"hi"})",
                                     R"(assistant {"role":"assistant","content":"yo"})"}));
  EXPECT_EQ(chat_facts->asked, 1U);

  MadeLine anthropic;
  anthropic.request =
      R"({"model":"c","system":"be kind","messages":[{"role":"user","content":"hi"}],"tools":[1,2]})";
  anthropic.response = R"({"id":"msg","role":"assistant","content":[{"type":"text","text":"yo"}]})";
  const auto anthropic_facts = read_line_facts(unchained_line(anthropic, 1));
  ASSERT_TRUE(anthropic_facts);
  EXPECT_EQ(raws(*anthropic_facts),
            (Raws{R"(system "be kind")", R"(user {"role":"user","content":"hi"})",
                  R"(assistant [{"type":"text","text":"yo"}])"}));
  EXPECT_EQ(anthropic_facts->tools, 2U);

  MadeLine responses;
  responses.request = R"({"instructions":"i","input":[{"role":"user","content":"hi"},)"
                      R"({"type":"function_call_output","output":"4"},{"type":"reasoning"}],)"
                      R"("previous_response_id":"resp_0"})";
  responses.response =
      R"({"id":"resp_1","output":[{"type":"message","role":"assistant","content":[]}]})";
  const auto responses_facts = read_line_facts(unchained_line(responses, 1));
  ASSERT_TRUE(responses_facts);
  ASSERT_EQ(responses_facts->messages.size(), 5U);
  EXPECT_EQ(responses_facts->messages[2].role, Role::tool);
  EXPECT_EQ(responses_facts->messages[3].role, Role::assistant);
  EXPECT_EQ(responses_facts->previous_id, "resp_0");
  EXPECT_EQ(responses_facts->response_id, "resp_1");
}

TEST(LineFacts, ReadsLinesOfThePredecessor) {
  const auto facts = read_line_facts(
      R"({"timestamp": "2026-01-13T10:00:00+00:00", "session_id": "a", "request": {"model": "gpt",)"
      R"( "messages": [{"role": "developer", "content": "x"}]}, "response": {"id": "r", "usage":)"
      R"( {"prompt_tokens": 3, "completion_tokens": 4}, "choices": []}})");
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->has_exchange);
  EXPECT_EQ(facts->model, "gpt");
  EXPECT_EQ(facts->input_tokens, 3);
  EXPECT_EQ(facts->output_tokens, 4);
  EXPECT_EQ(facts->messages[0].role, Role::system);
  EXPECT_FALSE(facts->failed());
}

TEST(LineFacts, KeepsTheExchangeOfARequestThatIsTooDeepToBeWalked) {
  MadeLine made;
  made.request = std::string(5000, '[') + std::string(5000, ']');
  const auto facts = read_line_facts(unchained_line(made, 1));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->status, 200);
  EXPECT_TRUE(facts->messages.empty());
}

TEST(LineFacts, RefusesWhatIsNoLine) {
  EXPECT_FALSE(read_line_facts(""));
  EXPECT_FALSE(read_line_facts("[]"));
  EXPECT_FALSE(read_line_facts("{\"timestamp\":\"yesterday\"}"));
  EXPECT_FALSE(read_line_facts("{\"timestamp\":\"2026-01-13T10:00:00Z\",\"request\":{"));
}

}  // namespace
}  // namespace albicilla::viewer
