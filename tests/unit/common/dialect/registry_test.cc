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

TEST(Registry, TellsTheApisApartByTheirPaths) {
  EXPECT_EQ(by_path("POST", "/v1/completions"), "openai_completions");
  EXPECT_EQ(by_path("POST", "/v1/responses"), "openai_responses");
  EXPECT_EQ(by_path("POST", "/v1/messages"), "anthropic_messages");
  EXPECT_EQ(by_path("POST", "/anthropic/v1/messages"), "anthropic_messages");
  EXPECT_EQ(by_path("POST", "/v1/embeddings"), "openai_embeddings");
  EXPECT_FALSE(dialect_of_path("POST", "/v1/embeddings").generates());
  EXPECT_EQ(dialect_of_path("POST", "/v1/messages").error_shape(), ErrorShape::anthropic);
  EXPECT_EQ(by_path("POST", "/v1/threads/thread_1/messages"), "passthrough");
  EXPECT_EQ(by_path("GET", "/v1/responses/resp_1"), "passthrough");
  EXPECT_EQ(by_path("POST", "/v1/responses/resp_1/cancel"), "passthrough");
}

std::string_view by_body(std::string_view path, std::string_view body) {
  return dialect_of_body(dialect_of_path("POST", path), body).name();
}

TEST(Registry, BelievesTheBodyWhereThePathLies) {
  const char* chat = "/v1/chat/completions";
  EXPECT_EQ(by_body(chat, R"({"model":"m","input":"hi"})"), "openai_responses");
  EXPECT_EQ(by_body(chat, R"({"model":"m","system":"s","messages":[]})"), "anthropic_messages");
  EXPECT_EQ(by_body(chat, R"({"messages":[],"tools":[{"name":"f","input_schema":{}}]})"),
            "anthropic_messages");
  EXPECT_EQ(by_body("/v1/responses", R"({"messages":[{"role":"user","content":"hi"}]})"),
            "openai_chat");
  EXPECT_EQ(by_body("/v1/completions", R"({"messages":[]})"), "openai_chat");
}

TEST(Registry, KeepsThePathsDialectWhenTheBodySaysNothingElse) {
  EXPECT_EQ(
      by_body("/v1/chat/completions",
              R"({"messages":[{"role":"user","content":"system"}],"tools":[{"type":"function",)"
              R"("function":{"name":"input_schema"}}],"stop":["x"]})"),
      "openai_chat");
  EXPECT_EQ(by_body("/v1/messages", R"({"max_tokens":1,"messages":[]})"), "anthropic_messages");
  EXPECT_EQ(by_body("/v1/responses", R"({"input":[]})"), "openai_responses");
  EXPECT_EQ(by_body("/v1/completions", R"({"prompt":"x"})"), "openai_completions");
  EXPECT_EQ(by_body("/v1/embeddings", R"({"input":"x"})"), "openai_embeddings");
  for (const char* body : {"", "[]", "null", "not json", "{\"messages"}) {
    EXPECT_EQ(by_body("/v1/chat/completions", body), "openai_chat") << body;
  }
}

TEST(Registry, KnowsAStreamByItsFirstEvent) {
  const Dialect& chat = dialect_named("openai_chat");
  const auto by_event = [&](const SseEvent& event) { return dialect_of_event(chat, event).name(); };
  EXPECT_EQ(by_event({"message_start", "{\"type\":\"message_start\"}"}), "anthropic_messages");
  EXPECT_EQ(by_event({"message", "{\"type\":\"response.created\"}"}), "openai_responses");
  EXPECT_EQ(by_event({"response.created", "{}"}), "openai_responses");
  EXPECT_EQ(by_event({"message", "{\"object\":\"text_completion\"}"}), "openai_completions");
  EXPECT_EQ(by_event({"message", "{\"object\":\"\"}"}), "openai_chat");
  EXPECT_EQ(dialect_of_event(dialect_named("passthrough"),
                             {"message", "{\"object\":\"chat.completion.chunk\"}"})
                .name(),
            "openai_chat");
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
  for (const char* name : {"openai_chat", "openai_responses", "openai_completions",
                           "openai_embeddings", "anthropic_messages", "passthrough"}) {
    EXPECT_EQ(dialect_named(name).name(), name);
  }
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
  EXPECT_EQ(dialect.response_facts(json).id, "chatcmpl-A");
  EXPECT_EQ(dialect.response_facts(json).model, "m");
  Usage usage;
  usage.source = Usage::Source::exact;
  usage.input_tokens = 9;
  usage.output_tokens = 4;
  usage.total_tokens = 13;
  usage.cached_tokens = 2;
  usage.reasoning_tokens = 1;
  EXPECT_EQ(dialect.response_facts(json).usage, usage);
  EXPECT_EQ(dialect.response_facts(R"({"usage":null})").usage, Usage{});
  EXPECT_EQ(dialect.response_facts("[]").usage, Usage{});
  EXPECT_EQ(dialect.response_facts(R"({"id":7})").id, "");
}

TEST(Registry, CountsAllThatAnthropicsModelsRead) {
  const Usage usage =
      dialect_named("anthropic_messages")
          .response_facts(R"({"usage":{"input_tokens":5,"cache_read_input_tokens":100,)"
                          R"("cache_creation_input_tokens":20,"output_tokens":7}})")
          .usage;
  EXPECT_EQ(usage.input_tokens, 125U);
  EXPECT_EQ(usage.cached_tokens, 100U);
  EXPECT_EQ(usage.total_tokens, 132U);
}

}  // namespace
}  // namespace albicilla
