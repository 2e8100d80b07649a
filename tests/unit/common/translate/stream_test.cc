// Golden streams of both directions (tests/golden/translate), the same bytes wherever they are cut,
// and what streams do that no recording shows.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/json/tree.h"
#include "common/sse/sse_parser.h"
#include "common/translate/registry.h"

namespace albicilla {
namespace {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Translation& anthropic_client() {
  return *translation_between("anthropic_messages", "openai_chat");
}
const Translation& openai_client() {
  return *translation_between("openai_chat", "anthropic_messages");
}

AnswerTerms terms() { return {"asked-model", true, true, "0123456789abcdef", 1700000000}; }

std::string run(const Translation& translation, std::string_view stream, std::size_t step) {
  const auto translator = translation.stream(terms());
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    out += translator->feed(stream.substr(at, step));
  }
  return out + translator->finish();
}

std::string chunk(std::string_view delta, std::string_view rest = "") {
  return R"(data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + std::string(rest) + "}]}\n\n";
}

// The names of the events, or for chunks without names what they hold, in order.
std::vector<std::string> event_names(std::string_view stream) {
  SseParser parser;
  std::vector<std::string> names;
  for (const SseEvent& event : parser.feed(stream)) names.push_back(event.name);
  return names;
}

// All pieces of one field of the deltas of one block, joined.
std::string joined(std::string_view stream, std::int64_t index, const char* field) {
  SseParser parser;
  std::string text;
  for (const SseEvent& event : parser.feed(stream)) {
    const auto parsed = parse_json(event.data);
    if (event.name == "content_block_delta" && parsed->at("index").integer() == index) {
      text += parsed->at("delta").at(field).text();
    }
  }
  return text;
}

struct Golden {
  const char* direction;
  const Translation& (*translation)();
};

class GoldenStream : public testing::TestWithParam<Golden> {
 protected:
  std::vector<std::filesystem::path> cases() const {
    std::vector<std::filesystem::path> found;
    const std::filesystem::path folder = std::filesystem::path(ALBICILLA_SOURCE_DIR) /
                                         "tests/golden/translate" / GetParam().direction;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().string().ends_with(".upstream")) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

TEST_P(GoldenStream, BecomesTheRecordedOneWhereverItIsCut) {
  ASSERT_FALSE(cases().empty());
  for (const auto& path : cases()) {
    const std::string upstream = file_text(path);
    std::string client_path = path.string();
    client_path.replace(client_path.rfind(".upstream"), std::string::npos, ".client");
    const std::string wanted = file_text(client_path);
    EXPECT_EQ(run(GetParam().translation(), upstream, upstream.size()), wanted) << path;
    for (const std::size_t step : {1U, 2U, 3U, 5U, 7U, 16U, 100U}) {
      EXPECT_EQ(run(GetParam().translation(), upstream, step), wanted) << path << " by " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothWays, GoldenStream,
                         testing::Values(Golden{"anthropic_to_openai_chat", anthropic_client},
                                         Golden{"openai_chat_to_anthropic", openai_client}),
                         [](const auto& one) { return std::string(one.param.direction); });

TEST(MessagesStream, SaysOneBlockAfterTheOtherWhenCallsAreMixed) {
  const std::string stream =
      chunk(
          R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]})") +
      chunk(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"y"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})") +
      chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"\":2}"}}]})") +
      chunk("{}", R"(,"finish_reason":"tool_calls")") + "data: [DONE]\n\n";
  const std::string out = run(anthropic_client(), stream, stream.size());
  EXPECT_EQ(joined(out, 0, "partial_json"), R"({"x":1})");
  EXPECT_EQ(joined(out, 1, "partial_json"), R"({"y":2})");
  EXPECT_EQ(
      event_names(out),
      (std::vector<std::string>{"message_start", "content_block_start", "ping",
                                "content_block_delta", "content_block_delta", "content_block_stop",
                                "content_block_start", "content_block_delta", "content_block_delta",
                                "content_block_stop", "message_delta", "message_stop"}));
}

TEST(MessagesStream, KeepsTheSignaturesOfThinking) {
  const std::string stream =
      chunk(R"({"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a"}]})") +
      chunk(R"({"reasoning_details":[{"type":"reasoning.text","text":"","signature":"S"}]})") +
      chunk(R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"E"}]})") +
      chunk(R"({"content":"x"})") + "data: [DONE]\n\n";
  const std::string out = run(anthropic_client(), stream, stream.size());
  EXPECT_EQ(joined(out, 0, "thinking"), "a");
  EXPECT_EQ(joined(out, 0, "signature"), "S");
  EXPECT_NE(out.find(R"("content_block":{"type":"redacted_thinking","data":"E"})"),
            std::string::npos);
  EXPECT_EQ(joined(out, 2, "text"), "x");
}

TEST(MessagesStream, PutsANameTogetherThatComesInPieces) {
  const std::string stream =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"get_"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"name":"weather"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})") + "data: [DONE]\n\n";
  const std::string out = run(anthropic_client(), stream, stream.size());
  EXPECT_NE(out.find(R"("name":"get_weather")"), std::string::npos) << out;
}

TEST(MessagesStream, TellsCallsApartThatAllHaveNumberZero) {
  const std::string stream =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]})") +
      "data: [DONE]\n\n";
  const std::string out = run(anthropic_client(), stream, stream.size());
  EXPECT_NE(out.find(R"("id":"a","name":"f")"), std::string::npos);
  EXPECT_NE(out.find(R"("id":"b","name":"g")"), std::string::npos);
}

TEST(MessagesStream, IgnoresAnEmptyPieceBehindAFinishedCall) {
  const std::string stream =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"arguments":""}}]})") +
      "data: [DONE]\n\n";
  const std::string out = run(anthropic_client(), stream, stream.size());
  EXPECT_TRUE(out.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")) << out;
}

TEST(MessagesStream, EndsWithAnErrorWhenTheUpstreamBreaksOff) {
  for (const std::string& stream : {std::string(), chunk(R"({"content":"half"})")}) {
    const auto translator = anthropic_client().stream(terms());
    std::string out = translator->feed(stream);
    out += translator->finish();
    EXPECT_FALSE(translator->ended_well());
    EXPECT_EQ(event_names(out).back(), "error");
    EXPECT_EQ(out.find("message_stop"), std::string::npos);
  }
}

TEST(MessagesStream, EndsWellWhenOnlyTheDoneLineIsMissing) {
  const auto translator = anthropic_client().stream(terms());
  std::string out = translator->feed(chunk(R"({"content":"x"})", R"(,"finish_reason":"stop")"));
  EXPECT_FALSE(translator->ended_well());
  out += translator->finish();
  EXPECT_TRUE(translator->ended_well());
  EXPECT_EQ(event_names(out).back(), "message_stop");
}

TEST(MessagesStream, TurnsAnErrorInTheStreamIntoAnErrorEventAndSaysNoMore) {
  const std::string stream = chunk(R"({"content":"x"})") +
                             "data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n" +
                             chunk(R"({"content":"y"})") + "data: [DONE]\n\n";
  const std::string out = run(anthropic_client(), stream, stream.size());
  EXPECT_TRUE(out.ends_with(
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
      "\"message\":\"m\"}}\n\n"))
      << out;
}

TEST(MessagesStream, PassesOnThatTheUpstreamIsStillThere) {
  const auto translator = anthropic_client().stream(terms());
  EXPECT_EQ(translator->feed(": OPENROUTER PROCESSING\n\n"),
            "event: ping\ndata: {\"type\":\"ping\"}\n\n");
  EXPECT_EQ(translator->keep_alive(), "event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

TEST(MessagesStream, GivesUpOnAnEventWithoutEnd) {
  const auto translator = anthropic_client().stream(terms());
  std::string out = translator->feed("data: ");
  const std::string piece(8 * 1024 * 1024, 'a');
  for (int i = 0; i < 9; ++i) out += translator->feed(piece);
  EXPECT_EQ(event_names(out), std::vector<std::string>{"error"});
  EXPECT_EQ(translator->finish(), "");
}

TEST(ChatStream, HidesUsageFromAClientThatDidNotAsk) {
  const std::string upstream =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
      "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
      "\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  AnswerTerms asked = terms();
  const auto with = openai_client().stream(asked);
  EXPECT_NE(with->feed(upstream).find(R"("prompt_tokens":3,"completion_tokens":5)"),
            std::string::npos);
  asked.usage_in_stream = false;
  const auto without = openai_client().stream(asked);
  EXPECT_EQ(without->feed(upstream).find("usage"), std::string::npos);
  EXPECT_TRUE(without->ended_well());
}

TEST(ChatStream, EndsWithAnErrorWhenTheUpstreamBreaksOff) {
  const auto translator = openai_client().stream(terms());
  std::string out = translator->feed(
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\"}}\n\n");
  out += translator->finish();
  EXPECT_FALSE(translator->ended_well());
  EXPECT_EQ(out.find("[DONE]"), std::string::npos);
  EXPECT_NE(out.find("data: {\"error\":{\"message\":"), std::string::npos);
}

TEST(ChatStream, TurnsAnErrorEventIntoAnErrorChunk) {
  const std::string out = run(openai_client(),
                              "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                              "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
                              1000);
  EXPECT_EQ(out,
            "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\","
            "\"param\":null,\"code\":null}}\n\n");
}

TEST(ChatStream, KeepsAClientWaitingWithCommentsOnly) {
  const auto translator = openai_client().stream(terms());
  EXPECT_EQ(translator->keep_alive(), ": ping\n\n");
  EXPECT_EQ(translator->feed("event: ping\ndata: {\"type\":\"ping\"}\n\n"), ": ping\n\n");
}

}  // namespace
}  // namespace albicilla
