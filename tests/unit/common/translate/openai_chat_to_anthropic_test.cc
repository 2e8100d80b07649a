#include "common/translate/openai_chat_to_anthropic.h"

#include <gtest/gtest.h>

#include "common/json/tree.h"

namespace albicilla {
namespace {

const OpenaiChatToAnthropic kTranslation;

std::string compact(std::string_view json) {
  const auto parsed = parse_json(json);
  return parsed ? dump_json(*parsed) : "not JSON: " + std::string(json);
}

std::string translated(std::string_view body) {
  const auto request = kTranslation.request(body);
  return request ? request->body : request.error().message;
}

std::string with(std::string_view members) {
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],)" +
         std::string(members) + "}";
}

struct Case {
  const char* what;
  const char* given;
  const char* wanted;
};

std::string case_name(const testing::TestParamInfo<Case>& one) {
  return "Case" + std::to_string(one.index);
}

class ChatMessages : public testing::TestWithParam<Case> {};

TEST_P(ChatMessages, BecomeAnthropicTurns) {
  const std::string body = R"({"max_tokens":9,"messages":)" + std::string(GetParam().given) + "}";
  auto request = parse_json(translated(body));
  ASSERT_TRUE(request) << translated(body);
  request->erase("max_tokens");
  EXPECT_EQ(dump_json(*request), compact(GetParam().wanted)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChatMessages,
    testing::Values(
        Case{"system and developer in front",
             R"([{"role":"system","content":"a"},{"role":"developer","content":"b"},
             {"role":"user","content":"c"}])",
             R"({"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],
             "messages":[{"role":"user","content":[{"type":"text","text":"c"}]}]})"},
        Case{"system in the middle",
             R"([{"role":"user","content":"a"},{"role":"system","content":"b"},
             {"role":"user","content":"c"}])",
             R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},
             {"role":"system","content":[{"type":"text","text":"b"}]},
             {"role":"user","content":[{"type":"text","text":"c"}]}]})"},
        Case{"images and a file",
             R"([{"role":"user","content":[
             {"type":"image_url","image_url":{"url":"data:image/jpeg;base64,AA==","detail":"low"}},
             {"type":"image_url","image_url":{"url":"https://x/y.png"}},
             {"type":"file","file":{"filename":"t.pdf",
              "file_data":"data:application/pdf;base64,JVBE"}}]}])",
             R"({"messages":[{"role":"user","content":[
             {"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AA=="}},
             {"type":"image","source":{"type":"url","url":"https://x/y.png"}},
             {"type":"document","source":{"type":"base64","media_type":"application/pdf",
              "data":"JVBE"},"title":"t.pdf"}]}]})"},
        Case{"parallel tool calls and what came of them",
             R"([{"role":"user","content":"go"},
             {"role":"assistant","content":null,"tool_calls":[
             {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\":1.10}"}},
             {"id":"call.2","type":"function","function":{"name":"g","arguments":""}}]},
             {"role":"tool","tool_call_id":"call_1","content":"one"},
             {"role":"tool","tool_call_id":"call.2","content":"[tool error]\ntwo"},
             {"role":"user","content":"and?"}])",
             R"({"messages":[{"role":"user","content":[{"type":"text","text":"go"}]},
             {"role":"assistant","content":[
             {"type":"tool_use","id":"call_1","name":"f","input":{"x":1.10}},
             {"type":"tool_use","id":"call_2_d74dfac6","name":"g","input":{}}]},
             {"role":"user","content":[
             {"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"one"}]},
             {"type":"tool_result","tool_use_id":"call_2_d74dfac6","is_error":true,
              "content":[{"type":"text","text":"two"}]},
             {"type":"text","text":"and?"}]}]})"},
        Case{"an empty tool result", R"([{"role":"tool","tool_call_id":"c","content":""}])",
             R"({"messages":[{"role":"user","content":[
             {"type":"tool_result","tool_use_id":"c"}]}]})"},
        Case{"signed thinking that a client kept",
             R"([{"role":"assistant","content":"a","reasoning_content":"hm","reasoning_details":[
             {"type":"reasoning.text","text":"hm","signature":"S","index":0},
             {"type":"reasoning.encrypted","data":"E","index":1}]},{"role":"user","content":"b"}])",
             R"({"messages":[{"role":"assistant","content":[
             {"type":"thinking","thinking":"hm","signature":"S"},
             {"type":"redacted_thinking","data":"E"},{"type":"text","text":"a"}]},
             {"role":"user","content":[{"type":"text","text":"b"}]}]})"},
        Case{
            "an answer that was a refusal",
            R"([{"role":"assistant","content":null,"refusal":"no"},{"role":"user","content":"b"}])",
            R"({"messages":[{"role":"assistant","content":[{"type":"text","text":"no"}]},
             {"role":"user","content":[{"type":"text","text":"b"}]}]})"}),
    case_name);

class ChatField : public testing::TestWithParam<Case> {};

TEST_P(ChatField, BecomesItsLike) {
  auto request = parse_json(translated(with(GetParam().given)));
  ASSERT_TRUE(request) << translated(with(GetParam().given));
  for (const char* name : {"model", "messages", "max_tokens"}) request->erase(name);
  EXPECT_EQ(dump_json(*request), compact(GetParam().wanted)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChatField,
    testing::Values(
        Case{"sampling", R"("temperature":0.70,"top_p":1)", R"({"temperature":0.70,"top_p":1})"},
        Case{"one stop", R"("stop":"x")", R"({"stop_sequences":["x"]})"},
        Case{"stops", R"("stop":["x","y"])", R"({"stop_sequences":["x","y"]})"},
        Case{"a stream", R"("stream":true,"stream_options":{"include_usage":true})",
             R"({"stream":true})"},
        Case{"tools",
             R"("tools":[{"type":"function","function":{"name":"f","description":"d",
             "parameters":{"type":"object","properties":{}},"strict":true}},
             {"type":"function","function":{"name":"g","strict":false}}])",
             R"({"tools":[{"name":"f","description":"d",
             "input_schema":{"type":"object","properties":{}},"strict":true},
             {"name":"g","input_schema":{"type":"object"}}]})"},
        Case{"tool choice required", R"("tool_choice":"required")",
             R"({"tool_choice":{"type":"any"}})"},
        Case{"tool choice none", R"("tool_choice":"none")", R"({"tool_choice":{"type":"none"}})"},
        Case{"tool choice by name", R"("tool_choice":{"type":"function","function":{"name":"f"}})",
             R"({"tool_choice":{"type":"tool","name":"f"}})"},
        Case{"one call at a time",
             R"("parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}])",
             R"({"tools":[{"name":"f","input_schema":{"type":"object"}}],
             "tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"},
        Case{"the user", R"("user":"u")", R"({"metadata":{"user_id":"u"}})"},
        Case{"the user by its newer name", R"("user":"u","safety_identifier":"s")",
             R"({"metadata":{"user_id":"s"}})"},
        Case{"effort", R"("reasoning_effort":"high")",
             R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}})"},
        Case{"no effort", R"("reasoning_effort":"none")", R"({"thinking":{"type":"disabled"}})"},
        Case{"a schema and effort",
             R"("reasoning_effort":"minimal","response_format":{"type":"json_schema",
             "json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}})",
             R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"low",
             "format":{"type":"json_schema","schema":{"type":"object"}}}})"},
        Case{"text", R"("response_format":{"type":"text"})", "{}"},
        Case{"service tier", R"("service_tier":"default")", R"({"service_tier":"standard_only"})"},
        Case{"neutral values", R"("n":1,"presence_penalty":0,"frequency_penalty":0.0,
             "logprobs":false,"logit_bias":{},"modalities":["text"],"verbosity":"medium","stop":null)",
             "{}"}),
    case_name);

TEST(ChatLimit, StandsInWhereTheClientNamesNone) {
  const auto request = kTranslation.request(R"({"messages":[]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body, R"({"max_tokens":8192,"messages":[]})");
  EXPECT_EQ(request->notes.size(), 1U);
  EXPECT_EQ(translated(R"({"max_tokens":1,"max_completion_tokens":2,"messages":[]})"),
            R"({"max_tokens":2,"messages":[]})");
}

TEST(ChatTerms, RememberWhatTheAnswerNeeds) {
  const auto plain = kTranslation.request(R"({"model":"m","messages":[],"stream":true})");
  const auto usage = kTranslation.request(
      R"({"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}})");
  ASSERT_TRUE(plain && usage);
  EXPECT_EQ(plain->terms.model, "m");
  EXPECT_TRUE(plain->terms.streaming);
  EXPECT_FALSE(plain->terms.usage_in_stream);
  EXPECT_TRUE(usage->terms.usage_in_stream);
}

TEST(ChatNotes, NameEveryHintThatWasDropped) {
  const auto request =
      kTranslation.request(with(R"("seed":7,"store":true,"prompt_cache_key":"k")"));
  ASSERT_TRUE(request);
  ASSERT_EQ(request->notes.size(), 3U);
  EXPECT_TRUE(request->notes[0].starts_with("seed: dropped"));
}

class ChatRefusal : public testing::TestWithParam<Case> {};

TEST_P(ChatRefusal, NamesThePlace) {
  const auto request = kTranslation.request(GetParam().given);
  ASSERT_FALSE(request) << request->body;
  EXPECT_EQ(request.error().fault, Fault::client);
  EXPECT_TRUE(request.error().message.starts_with(GetParam().wanted)) << request.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChatRefusal,
    testing::Values(
        Case{"", "nonsense", "not JSON"}, Case{"", R"({"messages":[],"n":2})", "n: "},
        Case{"", R"({"messages":[],"logit_bias":{"5":1}})", "logit_bias: "},
        Case{"", R"({"messages":[],"logprobs":true})", "logprobs: "},
        Case{"", R"({"messages":[],"top_logprobs":3})", "top_logprobs: cannot be expressed"},
        Case{"", R"({"messages":[],"frequency_penalty":0.5})", "frequency_penalty: "},
        Case{"", R"({"messages":[],"temperature":1.5})", "temperature: 1 is the highest"},
        Case{"", R"({"messages":[],"modalities":["text","audio"]})", "modalities: "},
        Case{"", R"({"messages":[],"audio":{}})", "audio: cannot be expressed"},
        Case{"", R"({"messages":[],"web_search_options":{}})", "web_search_options: "},
        Case{"", R"({"messages":[],"functions":[]})", "functions: "},
        Case{"", R"({"messages":[],"response_format":{"type":"json_object"}})",
             "response_format.type: "},
        Case{"", R"({"messages":[],"tools":[{"type":"custom","custom":{}}]})", "tools[0].type: "},
        Case{"", R"({"messages":[{"role":"function","name":"f","content":"x"}]})",
             "messages[0].role: "},
        Case{"", R"({"messages":[{"role":"user","content":[{"type":"input_audio"}]}]})",
             "messages[0].content[0]: a content part of this type"},
        Case{"", R"({"messages":[{"role":"user","content":[{"type":"file","file":
             {"file_id":"f"}}]}]})",
             "messages[0].content[0].file.file_id: "},
        Case{"", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":
             {"url":"file:///etc/passwd"}}]}]})",
             "messages[0].content[0].image_url.url: "},
        Case{"", R"({"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function",
             "function":{"name":"f","arguments":"[1]"}}]}]})",
             "messages[0].tool_calls[0].function.arguments: "},
        Case{"",
             R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})",
             "messages[1]: the last message is the assistant's"}),
    case_name);

TEST(AnthropicAnswer, BecomesACompletion) {
  const AnswerTerms terms{"asked", false, true, "00ff", 1700000000};
  const auto out = kTranslation.response(terms, 200, R"({"id":"msg_01","type":"message",
      "role":"assistant","model":"claude-x","content":[
      {"type":"thinking","thinking":"because","signature":"S"},
      {"type":"redacted_thinking","data":"E"},
      {"type":"text","text":"See "},{"type":"text","text":"this:"},
      {"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.10}}],
      "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":40,
      "cache_creation_input_tokens":5,"cache_read_input_tokens":60,"output_tokens":7}})");
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.body, compact(R"({"id":"chatcmpl-01","object":"chat.completion",
      "created":1700000000,"model":"claude-x","choices":[{"index":0,"message":{"role":"assistant",
      "content":"See this:","refusal":null,"reasoning_content":"because","reasoning_details":[
      {"type":"reasoning.text","text":"because","signature":"S","index":0},
      {"type":"reasoning.encrypted","data":"E","index":1}],
      "tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"f",
      "arguments":"{\"x\":1.10}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],
      "usage":{"prompt_tokens":105,"completion_tokens":7,"total_tokens":112,
      "prompt_tokens_details":{"cached_tokens":60}}})"));
}

TEST(AnthropicAnswer, ThatCameWholeForAStreamBecomesAStream) {
  AnswerTerms terms;
  terms.streaming = true;
  terms.usage_in_stream = false;
  const auto out = kTranslation.response(terms, 200, R"({"id":"msg_1","role":"assistant",
      "model":"c","content":[{"type":"text","text":"hi"},
      {"type":"tool_use","id":"t","name":"f","input":{"a":1}}],"stop_reason":"tool_use",
      "usage":{"input_tokens":1,"output_tokens":2}})");
  EXPECT_TRUE(out.content_type.starts_with("text/event-stream"));
  EXPECT_NE(out.body.find(R"("delta":{"content":"hi"})"), std::string::npos);
  EXPECT_NE(out.body.find(R"("arguments":"{\"a\":1}")"), std::string::npos);
  EXPECT_EQ(out.body.find("usage"), std::string::npos);
  EXPECT_TRUE(out.body.ends_with("data: [DONE]\n\n"));
}

TEST(AnthropicError, KeepsItsStatusTypeAndMessage) {
  const auto out = kTranslation.response(
      {}, 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  EXPECT_EQ(out.status, 529);
  EXPECT_EQ(
      out.body,
      R"({"error":{"message":"Overloaded","type":"overloaded_error","param":null,"code":null}})");
}

TEST(AnthropicAnswer, ThatMakesNoSenseIsABadGateway) {
  for (const char* body : {"", "<html>", "{}", R"({"content":"x"})"}) {
    const auto out = kTranslation.response({}, 200, body);
    EXPECT_EQ(out.status, 502) << body;
    EXPECT_TRUE(out.body.starts_with(R"({"error":{"message":)")) << out.body;
  }
}

TEST(ChatHeaders, MoveTheKeyAndNameTheVersion) {
  const Headers out = kTranslation.request_headers(
      {{"Authorization", "bearer  k"}, {"OpenAI-Organization", "o"}, {"user-agent", "u"}});
  EXPECT_EQ(out, (Headers{{"user-agent", "u"},
                          {"content-type", "application/json"},
                          {"accept-encoding", "identity"},
                          {"x-api-key", "k"},
                          {"anthropic-version", "2023-06-01"}}));
}

}  // namespace
}  // namespace albicilla
