#include "common/usage/meter.h"

#include <gtest/gtest.h>

#include "common/dialect/registry.h"

namespace albicilla {
namespace {

Usage metered(const Dialect& dialect, const MeteredTexts& texts) {
  return meter(dialect, texts, dialect.response_facts(texts.response));
}

const Dialect& chat() { return dialect_named("openai_chat"); }

constexpr std::string_view kRequest =
    R"({"model":"m","messages":[{"role":"user","content":"12345"}]})";

TEST(Meter, TakesWhatTheApiSays) {
  const Usage usage = metered(
      chat(), {kRequest, R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})"});
  EXPECT_EQ(usage.source, Usage::Source::exact);
  EXPECT_EQ(usage.total_tokens, 3U);
}

TEST(Meter, EstimatesAnAnswerWithoutUsageAndSaysSo) {
  const Usage usage = metered(
      chat(),
      {kRequest, R"({"choices":[{"message":{"role":"assistant","content":"123456789"}}]})"});
  EXPECT_EQ(usage.source, Usage::Source::estimated);
  EXPECT_EQ(usage.input_tokens, 2U);
  EXPECT_EQ(usage.output_tokens, 3U);
  EXPECT_EQ(usage.total_tokens, 5U);
}

TEST(Meter, EstimatesTheAnswerOfACutAnthropicStream) {
  const Usage usage = metered(
      chat(),
      {kRequest,
       R"({"type":"message","content":[{"type":"text","text":"12345678"}],"stop_reason":null,)"
       R"("usage":{"input_tokens":77,"output_tokens":1}})"});
  EXPECT_EQ(usage.source, Usage::Source::estimated);
  EXPECT_EQ(usage.input_tokens, 77U);
  EXPECT_EQ(usage.output_tokens, 2U);
}

TEST(Meter, KnowsNothingOfErrorsAndOfCallsThatGenerateNothing) {
  for (const char* response : {"", R"({"error":{"message":"no"}})", R"({"choices":[]})"}) {
    EXPECT_EQ(metered(chat(), {kRequest, response}).source, Usage::Source::unknown) << response;
  }
  EXPECT_EQ(metered(dialect_named("passthrough"), {kRequest, R"({"output":"text"})"}), Usage{});
}

TEST(TextBytes, CountsTextButNotNamesOrData) {
  EXPECT_EQ(
      text_bytes(R"([{"type":"text","text":"a\nb\u0142\ud83e\udd85"},{"id":"x","url":"y"},1])"),
      3U + 2U + 4U);
  EXPECT_EQ(text_bytes(""), 0U);
}

}  // namespace
}  // namespace albicilla
