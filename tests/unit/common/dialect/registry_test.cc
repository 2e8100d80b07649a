#include "common/dialect/registry.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

std::string_view by_path(std::string_view method, std::string_view path) {
  return dialect_of_path(method, path).name();
}

TEST(Registry, KnowsGeneratingPathsWithAndWithoutABasePath) {
  for (const char* path :
       {"/v1/chat/completions", "/chat/completions", "/api/v1/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions", "/v1/chat/completions/"}) {
    EXPECT_EQ(by_path("POST", path), "openai_chat") << path;
    EXPECT_TRUE(dialect_of_path("POST", path).generates()) << path;
  }
}

TEST(Registry, PassesEverythingElse) {
  EXPECT_EQ(by_path("GET", "/v1/chat/completions"), "passthrough");
  for (const char* path : {"/", "", "/v1/models", "/v1/files", "/v1/chat/completionsx",
                           "/xchat/completions/1", "/v1/messages/count_tokens"}) {
    EXPECT_EQ(by_path("POST", path), "passthrough") << path;
    EXPECT_FALSE(dialect_of_path("POST", path).generates()) << path;
  }
  EXPECT_EQ(dialect_of_path("POST", "/v1/messages/count_tokens").error_shape(),
            ErrorShape::anthropic);
  EXPECT_EQ(dialect_of_path("POST", "/v1/models").error_shape(), ErrorShape::openai);
}

TEST(Registry, FindsADialectByItsName) {
  EXPECT_EQ(dialect_named("openai_chat").name(), "openai_chat");
  EXPECT_EQ(dialect_named("of a newer version").name(), "passthrough");
  EXPECT_EQ(dialect_named("passthrough").assembler(), nullptr);
}

TEST(Registry, KnowsTheLastEventOfAStream) {
  const Dialect& dialect = dialect_named("openai_chat");
  for (const SseEvent& event :
       std::vector<SseEvent>{{"message", "[DONE]"},
                             {"message", R"({"error":{"message":"x"}})"},
                             {"message", R"({"type":"message_stop"})"},
                             {"message", R"({ "type" : "response.completed", "response")"},
                             {"message_stop", ""},
                             {"error", "{}"},
                             {"response.failed", "{"}}) {
    EXPECT_TRUE(dialect.is_terminal(event)) << event.name << " " << event.data;
  }
  for (const SseEvent& event : std::vector<SseEvent>{
           {"message", "[DONE"},
           {"message", ""},
           {"message", R"({"id":"[DONE]","type":"error"})"},
           {"message", R"({"type":"content_block_delta","delta":{"type":"error"}})"},
           {"message", R"({"choices":[{"delta":{"content":"{\"error\""}}]})"},
           {"ping", "[DONE]"}}) {
    EXPECT_FALSE(dialect.is_terminal(event)) << event.name << " " << event.data;
  }
}

TEST(Registry, ReadsIdModelAndUsageOfAResponse) {
  const Dialect& dialect = dialect_named("openai_chat");
  const std::string json =
      R"({"id":"chatcmpl-\u0041","model":"m","usage":{"prompt_tokens":9,"completion_tokens":4,)"
      R"("prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}})";
  EXPECT_EQ(dialect.response_id(json), "chatcmpl-A");
  EXPECT_EQ(dialect.response_model(json), "m");
  Usage usage;
  usage.source = Usage::Source::exact;
  usage.input_tokens = 9;
  usage.output_tokens = 4;
  usage.total_tokens = 13;
  usage.cached_tokens = 2;
  usage.reasoning_tokens = 1;
  EXPECT_EQ(dialect.usage(json), usage);
  EXPECT_EQ(dialect.usage(R"({"usage":null})"), Usage{});
  EXPECT_EQ(dialect.usage("[]"), Usage{});
  EXPECT_EQ(dialect.response_id(R"({"id":7})"), "");
}

TEST(Registry, CountsAllThatAnthropicsModelsRead) {
  const Usage usage = dialect_named("openai_chat")
                          .usage(R"({"usage":{"input_tokens":5,"cache_read_input_tokens":100,)"
                                 R"("cache_creation_input_tokens":20,"output_tokens":7}})");
  EXPECT_EQ(usage.input_tokens, 125U);
  EXPECT_EQ(usage.cached_tokens, 100U);
  EXPECT_EQ(usage.total_tokens, 132U);
}

}  // namespace
}  // namespace albicilla
