#include "common/translate/anthropic_to_openai_chat.h"

#include <gtest/gtest.h>

#include "common/json/tree.h"

namespace albicilla {
namespace {

const AnthropicToOpenaiChat kTranslation;

// One spelling for comparing: without the white space of a test's raw string.
std::string compact(std::string_view json) {
  const auto parsed = parse_json(json);
  return parsed ? dump_json(*parsed) : "not JSON: " + std::string(json);
}

std::string translated(std::string_view body) {
  const auto request = kTranslation.request(body);
  return request ? request->body : request.error().message;
}

std::vector<std::string> notes_of(std::string_view body) {
  const auto request = kTranslation.request(body);
  return request ? request->notes : std::vector<std::string>{request.error().message};
}

// A request around some messages, and around some other member.
std::string with_messages(std::string_view messages) {
  return R"({"model":"m","max_tokens":9,"messages":)" + std::string(messages) + "}";
}
std::string with(std::string_view member) {
  return R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + std::string(member) + "}";
}

struct Case {
  const char* what;
  const char* given;
  const char* wanted;
};

class AnthropicMessages : public testing::TestWithParam<Case> {};

TEST_P(AnthropicMessages, BecomeChatMessages) {
  const auto request = parse_json(translated(with_messages(GetParam().given)));
  ASSERT_TRUE(request) << translated(with_messages(GetParam().given));
  EXPECT_EQ(dump_json(request->at("messages")), compact(GetParam().wanted));
}

INSTANTIATE_TEST_SUITE_P(
    Table, AnthropicMessages,
    testing::Values(
        Case{"a string", R"([{"role":"user","content":"hi"}])",
             R"([{"role":"user","content":"hi"}])"},
        Case{"text blocks", R"([{"role":"user","content":[{"type":"text","text":"a"},
             {"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}])",
             R"([{"role":"user","content":"a\nb"}])"},
        Case{"images as data and by URL",
             R"([{"role":"user","content":[{"type":"text","text":"look"},
             {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
             {"type":"image","source":{"type":"url","url":"https://x/y.png"}}]}])",
             R"([{"role":"user","content":[{"type":"text","text":"look"},
             {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
             {"type":"image_url","image_url":{"url":"https://x/y.png"}}]}])"},
        Case{"documents",
             R"([{"role":"user","content":[
             {"type":"document","title":"t.pdf","source":{"type":"base64",
              "media_type":"application/pdf","data":"JVBE"}},
             {"type":"document","title":"T","context":"C","source":{"type":"text",
              "media_type":"text/plain","data":"body"}},
             {"type":"document","source":{"type":"content","content":[
              {"type":"text","text":"inner"}]}}]}])",
             R"([{"role":"user","content":[
             {"type":"file","file":{"filename":"t.pdf",
              "file_data":"data:application/pdf;base64,JVBE"}},
             {"type":"text","text":"T\nC\n\nbody"},{"type":"text","text":"inner"}]}])"},
        Case{"a search result",
             R"([{"role":"user","content":[{"type":"search_result","title":"T","source":"S",
             "content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}])",
             R"([{"role":"user","content":"T\nS\n\na\nb"}])"},
        Case{"tool calls, beside text and thinking",
             R"([{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""},
             {"type":"text","text":"Let me see."},
             {"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.10,"y":"ł"}},
             {"type":"tool_use","id":"toolu_2","name":"g","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"1"},
             {"type":"tool_result","tool_use_id":"toolu_2","is_error":true,
              "content":[{"type":"text","text":"no"},{"type":"text","text":"way"}]},
             {"type":"text","text":"go on"}]}])",
             R"([{"role":"assistant","content":"Let me see.","tool_calls":[
             {"id":"toolu_1","type":"function","function":{"name":"f",
              "arguments":"{\"x\":1.10,\"y\":\"ł\"}"}},
             {"id":"toolu_2","type":"function","function":{"name":"g","arguments":"{}"}}],
             "reasoning_content":"hm"},
             {"role":"tool","tool_call_id":"toolu_1","content":"1"},
             {"role":"tool","tool_call_id":"toolu_2","content":"[tool error]\nno\nway"},
             {"role":"user","content":"go on"}])"},
        Case{
            "a tool call alone",
            R"([{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}])",
            R"([{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function",
             "function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"t","content":""}])"},
        Case{"a tool result that is an image",
             R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[
             {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},
             {"type":"text","text":"see?"}]}])",
             R"([{"role":"tool","tool_call_id":"t",
             "content":"The result is attached to the next user message."},
             {"role":"user","content":[{"type":"text","text":
              "Attached to the result of tool call t:"},
             {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},
             {"type":"text","text":"see?"}]}])"},
        Case{"pieces of one text, and texts apart",
             R"([{"role":"assistant","content":[{"type":"text","text":"The sky is "},
             {"type":"text","text":"blue.","citations":null},
             {"type":"tool_use","id":"t","name":"f","input":{}},
             {"type":"text","text":"Done."}]},{"role":"user","content":"ok"}])",
             R"([{"role":"assistant","content":"The sky is blue.\n\nDone.","tool_calls":[
             {"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"user","content":"ok"}])"},
        Case{"a system turn in the middle",
             R"([{"role":"user","content":"a"},{"role":"system","content":
             [{"type":"text","text":"be brief"}]},{"role":"user","content":"b"}])",
             R"([{"role":"user","content":"a"},{"role":"system","content":"be brief"},
             {"role":"user","content":"b"}])"}),
    [](const testing::TestParamInfo<Case>& one) { return "Case" + std::to_string(one.index); });

class AnthropicField : public testing::TestWithParam<Case> {};

TEST_P(AnthropicField, BecomesItsLike) {
  const auto request = parse_json(translated(with(GetParam().given)));
  const auto wanted = parse_json(GetParam().wanted);
  ASSERT_TRUE(request) << translated(with(GetParam().given));
  ASSERT_TRUE(wanted) << GetParam().wanted;
  Json rest = *request;
  rest.erase("model");
  rest.erase("messages");
  EXPECT_EQ(dump_json(rest), dump_json(*wanted)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, AnthropicField,
    testing::Values(
        Case{"nothing is invented", R"("max_tokens":9)", R"({"max_tokens":9})"},
        Case{"sampling as written", R"("temperature":0.70,"top_p":0.9,"top_k":5)",
             R"({"temperature":0.70,"top_p":0.9})"},
        Case{"stop sequences", R"("stop_sequences":["a","b"])", R"({"stop":["a","b"]})"},
        Case{"no stop sequences", R"("stop_sequences":[])", "{}"},
        Case{"a stream asks for usage", R"("stream":true)",
             R"({"stream":true,"stream_options":{"include_usage":true}})"},
        Case{"no stream", R"("stream":false)", R"({"stream":false})"},
        Case{"tools", R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},
             "cache_control":{"type":"ephemeral"}},{"type":"custom","name":"g","strict":true}])",
             R"({"tools":[{"type":"function","function":{"name":"f","description":"d",
             "parameters":{"type":"object"}}},
             {"type":"function","function":{"name":"g","strict":true}}]})"},
        Case{"tool choice auto",
             R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})",
             R"({"tool_choice":"auto","parallel_tool_calls":false})"},
        Case{"tool choice any", R"("tool_choice":{"type":"any"})", R"({"tool_choice":"required"})"},
        Case{"tool choice none", R"("tool_choice":{"type":"none"})", R"({"tool_choice":"none"})"},
        Case{"tool choice tool", R"("tool_choice":{"type":"tool","name":"f"})",
             R"({"tool_choice":{"type":"function","function":{"name":"f"}}})"},
        Case{"the user", R"("metadata":{"user_id":"u-1"})", R"({"user":"u-1"})"},
        Case{"thinking with a budget", R"("thinking":{"type":"enabled","budget_tokens":10000})",
             R"({"reasoning_effort":"medium"})"},
        Case{"thinking as it likes", R"("thinking":{"type":"adaptive"})", "{}"},
        Case{"no thinking", R"("thinking":{"type":"disabled"})", "{}"},
        Case{"effort", R"("thinking":{"type":"adaptive"},"output_config":{"effort":"high"})",
             R"({"reasoning_effort":"high"})"},
        Case{"a schema", R"("output_config":{"format":{"type":"json_schema","schema":{"a":1}}})",
             R"({"response_format":{"type":"json_schema","json_schema":{"name":"answer",
             "schema":{"a":1},"strict":true}}})"},
        Case{"service tier", R"("service_tier":"standard_only")", R"({"service_tier":"default"})"},
        Case{"nulls are absent", R"("top_k":null,"container":null,"thinking":null)", "{}"}),
    [](const testing::TestParamInfo<Case>& one) { return "Case" + std::to_string(one.index); });

TEST(AnthropicSystem, OfBlocksIsOneMessageWithBlankLinesBetween) {
  EXPECT_EQ(translated(R"({"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],
                          "messages":[]})"),
            R"({"messages":[{"role":"system","content":"a\n\nb"}]})");
}

TEST(AnthropicSystem, IsLeftOutWhenItIsBlank) {
  EXPECT_EQ(translated(R"({"system":" \n","messages":[]})"), R"({"messages":[]})");
}

TEST(AnthropicLimit, TakesTheNewerNameForReasoningModels) {
  for (const char* model : {"o1", "o3-mini", "gpt-5", "gpt-5.1-codex", "openai/gpt-5", "gpt-10"}) {
    const std::string body =
        R"({"model":")" + std::string(model) + R"(","max_tokens":5,"messages":[]})";
    EXPECT_NE(translated(body).find("\"max_completion_tokens\":5"), std::string::npos) << model;
  }
  for (const char* model : {"gpt-4o", "olmo", "deepseek-chat", "gpt-oss-120b", "gpt-3.5-turbo"}) {
    const std::string body =
        R"({"model":")" + std::string(model) + R"(","max_tokens":5,"messages":[]})";
    EXPECT_NE(translated(body).find("\"max_tokens\":5"), std::string::npos) << model;
  }
}

TEST(AnthropicUser, IsShortenedToWhatTheUpstreamTakesAndStaysItself) {
  const std::string longer = "user_" + std::string(140, 'a');
  const auto first = parse_json(translated(with(R"("metadata":{"user_id":")" + longer + R"("})")));
  const auto other = parse_json(translated(with(R"("metadata":{"user_id":")" + longer + R"(b"})")));
  ASSERT_TRUE(first && other);
  EXPECT_EQ(first->at("user").text().size(), 64U);
  EXPECT_NE(first->at("user").text(), other->at("user").text());
}

TEST(AnthropicNotes, NameEveryHintThatWasDropped) {
  EXPECT_EQ(notes_of(with(R"("top_k":5,"speed":"fast","context_management":{"edits":[]})")),
            (std::vector<std::string>{
                "top_k: dropped, the upstream's API has none",
                "speed: dropped, the upstream's API has none",
                "context_management: dropped, the upstream gets the conversation as it was sent"}));
  EXPECT_TRUE(notes_of(with(R"("temperature":1)")).empty());
}

class AnthropicRefusal : public testing::TestWithParam<Case> {};

TEST_P(AnthropicRefusal, NamesThePlace) {
  const auto request = kTranslation.request(GetParam().given);
  ASSERT_FALSE(request) << request->body;
  EXPECT_EQ(request.error().fault, Fault::client);
  EXPECT_TRUE(request.error().message.starts_with(GetParam().wanted)) << request.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, AnthropicRefusal,
    testing::Values(
        Case{"", "{", "not JSON"}, Case{"", "[]", "the request must be"},
        Case{"", R"({"messages":"x"})", "messages: expected an array"},
        Case{"", R"({"messages":[],"container":"c"})", "container: cannot be expressed"},
        Case{"", R"({"messages":[],"brand_new":1})", "brand_new: cannot be expressed"},
        Case{"", R"({"messages":[],"mcp_servers":[{"url":"x"}]})", "mcp_servers: "},
        Case{"", R"({"messages":[],"tools":[{"type":"web_search_20250305","name":"w"}]})",
             "tools[0]: a tool that the other provider runs"},
        Case{"", R"({"messages":[],"tools":[{"name":"f","allowed_callers":["code_execution_1"]}]})",
             "tools[0].allowed_callers"},
        Case{"", R"({"messages":[{"role":"user","content":[{"type":"image","source":
             {"type":"file","file_id":"f"}}]}]})",
             "messages[0].content[0].source: an image must come as base64 or url"},
        Case{"", R"({"messages":[{"role":"user","content":[{"type":"document","source":
             {"type":"url","url":"u"}}]}]})",
             "messages[0].content[0].source: a document must come as"},
        Case{"", R"({"messages":[{"role":"user","content":[{"type":"document","citations":
             {"enabled":true},"source":{"type":"text","data":"x"}}]}]})",
             "messages[0].content[0].citations"},
        Case{"", R"({"messages":[{"role":"assistant","content":[{"type":"server_tool_use",
             "id":"s","name":"web_search","input":{}}]},{"role":"user","content":"x"}]})",
             "messages[0].content[0]: a content block of this type"},
        Case{"",
             R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})",
             "messages[1]: the last turn is the assistant's"},
        Case{"", R"({"messages":[{"role":"root","content":"a"}]})", "messages[0].role"},
        Case{"", R"({"messages":[],"thread":{"type":"continue","previous_message_id":"m"}})",
             "thread: no thread is kept"}),
    [](const testing::TestParamInfo<Case>& one) { return "Case" + std::to_string(one.index); });

TEST(AnthropicRefusal, OfAThreadTellsTheClientToSendTheWholeConversation) {
  const auto refused = kTranslation.request(R"({"messages":[],"thread":{"type":"continue"}})");
  ASSERT_FALSE(refused);
  const auto body = parse_json(kTranslation.error_body(400, refused.error().message));
  ASSERT_TRUE(body);
  EXPECT_EQ(body->at("error").at("details").at("error_code").text(), "thread_not_found");
}

TEST(ChatAnswer, BecomesAMessage) {
  const AnswerTerms terms{"asked", false, true, "00ff", 0};
  const auto out = kTranslation.response(terms, 200, R"({"id":"chatcmpl-a1","model":"gpt-x",
      "choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant",
      "content":"See:","reasoning_content":"because","tool_calls":[
      {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\": 12345678901234567890.10}"}},
      {"id":"call_2","type":"function","function":{"name":"g","arguments":""}}]}}],
      "usage":{"prompt_tokens":100,"completion_tokens":7,"total_tokens":107,
      "prompt_tokens_details":{"cached_tokens":60},
      "completion_tokens_details":{"reasoning_tokens":3}}})");
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.content_type, "application/json");
  EXPECT_EQ(out.body, compact(R"({"id":"msg_a1","type":"message","role":"assistant",
      "model":"gpt-x","content":[{"type":"thinking","thinking":"because","signature":""},
      {"type":"text","text":"See:"},
      {"type":"tool_use","id":"call_1","name":"f","input":{"x":12345678901234567890.10}},
      {"type":"tool_use","id":"call_2","name":"g","input":{}}],
      "stop_reason":"tool_use","stop_sequence":null,
      "usage":{"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":60,
      "output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}})"));
}

std::string stop_reason_of(std::string_view choice) {
  const auto out = kTranslation.response({}, 200, R"({"choices":[)" + std::string(choice) + "]}");
  const auto message = parse_json(out.body);
  return std::string(message->at("stop_reason").text());
}

TEST(ChatAnswer, KeepsTheReasonItStopped) {
  const auto stopped = [](const char* reason) {
    return stop_reason_of(R"({"message":{"content":"x"},"finish_reason":")" + std::string(reason) +
                          "\"}");
  };
  EXPECT_EQ(stopped("stop"), "end_turn");
  EXPECT_EQ(stopped("length"), "max_tokens");
  EXPECT_EQ(stopped("content_filter"), "refusal");
  EXPECT_EQ(stop_reason_of(R"({"message":{"content":null,"refusal":"no"},"finish_reason":"stop"})"),
            "refusal");
  EXPECT_EQ(stop_reason_of(R"({"message":{"tool_calls":[{"id":"c","function":{"name":"f"}}]},
                              "finish_reason":"stop"})"),
            "tool_use");
  EXPECT_EQ(stop_reason_of(R"({"message":{"content":"x"},"finish_reason":"stop",
                              "stop_reason":"###"})"),
            "stop_sequence");
}

TEST(ChatAnswer, WithBrokenArgumentsLosesNothing) {
  const auto out = kTranslation.response({}, 200, R"({"choices":[{"message":{"tool_calls":[
      {"id":"c","function":{"name":"f","arguments":"{broken"}}]}}]})");
  EXPECT_NE(out.body.find(R"("input":{"_raw_arguments":"{broken"})"), std::string::npos);
}

TEST(ChatAnswer, ThatMakesNoSenseIsABadGateway) {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"choices":[]})"}) {
    const auto out = kTranslation.response({}, 200, body);
    EXPECT_EQ(out.status, 502) << body;
    EXPECT_FALSE(out.error.empty());
    EXPECT_NE(out.body.find(R"({"type":"error","error":{"type":"api_error")"), std::string::npos);
  }
}

TEST(ChatAnswer, WithAnErrorInsideTakesTheErrorsStatus) {
  const auto out =
      kTranslation.response({}, 200, R"({"error":{"code":429,"message":"slow down"}})");
  EXPECT_EQ(out.status, 429);
  EXPECT_EQ(out.body,
            R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})");
}

TEST(ChatAnswer, ThatCameWholeForAStreamBecomesAStream) {
  AnswerTerms terms;
  terms.streaming = true;
  const auto out = kTranslation.response(
      terms, 200, R"({"id":"x","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})");
  EXPECT_TRUE(out.content_type.starts_with("text/event-stream"));
  EXPECT_TRUE(out.body.starts_with("event: message_start\n"));
  EXPECT_NE(out.body.find(R"({"type":"text_delta","text":"hi"})"), std::string::npos);
  EXPECT_TRUE(out.body.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

TEST(ChatError, KeepsItsStatusAndMessageInAnthropicsShape) {
  struct Row {
    std::uint16_t status;
    const char* body;
    const char* wanted;
  };
  for (
      const Row& row : {
          Row{400, R"({"error":{"message":"m","type":"invalid_request_error","code":null}})",
              R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})"},
          Row{401, R"({"error":{"message":"key"}})",
              R"({"type":"error","error":{"type":"authentication_error","message":"key"}})"},
          Row{404, R"({"detail":"Not Found"})",
              R"({"type":"error","error":{"type":"not_found_error","message":"Not Found"}})"},
          Row{429, R"([{"error":{"message":"q"}}])",
              R"({"type":"error","error":{"type":"rate_limit_error","message":"q"}})"},
          Row{503, "down",
              R"({"type":"error","error":{"type":"overloaded_error","message":"down"}})"},
          Row{500, "",
              R"({"type":"error","error":{"type":"api_error","message":"the upstream answered with an error and no body"}})"},
      }) {
    const auto out = kTranslation.response({}, row.status, row.body);
    EXPECT_EQ(out.status, row.status);
    EXPECT_EQ(out.body, row.wanted);
  }
}

TEST(AnthropicHeaders, MoveTheKeyAndLoseWhatIsAnthropicsAlone) {
  const Headers out = kTranslation.request_headers({{"X-Api-Key", "k"},
                                                    {"anthropic-version", "2023-06-01"},
                                                    {"Anthropic-Beta", "b"},
                                                    {"Content-Type", "application/json"},
                                                    {"Content-Encoding", "gzip"},
                                                    {"agent-session-id", "s"}});
  EXPECT_EQ(out, (Headers{{"agent-session-id", "s"},
                          {"content-type", "application/json"},
                          {"accept-encoding", "identity"},
                          {"authorization", "Bearer k"}}));
}

TEST(AnthropicHeaders, NeverCarryTwoCredentials) {
  const Headers out =
      kTranslation.request_headers({{"authorization", "Bearer a"}, {"x-api-key", "b"}});
  EXPECT_EQ(count_header(out, "authorization"), 1U);
  EXPECT_EQ(count_header(out, "x-api-key"), 0U);
}

TEST(AnthropicHeaders, BringTheUpstreamsRequestId) {
  const Headers out = kTranslation.response_headers(
      {{"x-request-id", "r"}, {"Content-Length", "5"}, {"retry-after", "1"}});
  EXPECT_EQ(out, (Headers{{"x-request-id", "r"}, {"retry-after", "1"}, {"request-id", "r"}}));
}

}  // namespace
}  // namespace albicilla
