// Every layout makes of one line what its predecessor's readers expect.
#include <gtest/gtest.h>

#include "common/json/tree.h"
#include "sink/layout/events.h"
#include "sink/layout/registry.h"
#include "sink/layout/user_model_day.h"

namespace albicilla {
namespace {

const std::string kLine =
    R"({"timestamp":"2026-01-13T10:00:01.500000+00:00","session_id":"s \"1\"",)"
    R"("request":{"model":"org/gpt-4.1","messages":[{"role":"user","content":"hi"}]},)"
    R"("response":{"id":"r1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}},)"
    R"("exchange":{"id":"0190c0de-7a3b-7c11-9f00-0123456789ab","producer":"aa","seq":1,)"
    R"("started_at":"2026-01-13T10:00:00.250000+00:00","duration_ms":1250.042,"method":"POST",)"
    R"("path":"/v1/chat/completions","query":"a=1","status":200,"ending":"complete",)"
    R"("streaming":false,"dialect":"openai_chat","upstream":"https://up","upstream_id":"r1",)"
    R"("model":"gpt-4.1-x","user_id":"alice","client_app":"codex",)"
    R"("request_headers":[["Host","h"],["X-A","1"],["x-a","2"]],)"
    R"("response_headers":[["Content-Type","application/json"]],"error":null},)"
    R"("chain":{"n":1,"h":"00"}})";

std::vector<DerivedLine> derived(std::string_view layout, const std::string& line,
                                 const LayoutLimits& limits = {}) {
  std::vector<DerivedLine> made;
  layout_named(layout)->derive({"2026-01-13", *view_line(line)}, limits, made);
  return made;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(UserModelDay, KeepsRequestAndResponseUnderUserModelAndDay) {
  const auto made = derived("user_model_day", kLine);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].file, "alice_org_gpt-4.1_20260113.jsonl");
  EXPECT_EQ(made[0].text,
            R"({"timestamp":"2026-01-13T10:00:00.250000+00:00","request":{"method":"POST",)"
            R"("path":"/v1/chat/completions","headers":{"host":"h","x-a":"1, 2"},)"
            R"("body":{"model":"org/gpt-4.1","messages":[{"role":"user","content":"hi"}]}},)"
            R"("response":{"status_code":200,"headers":{"content-type":"application/json"},)"
            R"("body":{"id":"r1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}},)"
            R"("streaming":false},"user_id":"alice"})"
            "\n");
}

TEST(UserModelDay, NamesAFileThatNobodyCanLeadElsewhere) {
  EXPECT_EQ(user_model_day_file("", "gpt-4o", "2026-01-13"), "gpt-4o_20260113.jsonl");
  EXPECT_EQ(user_model_day_file("", "", "2026-01-13"), "unknown_20260113.jsonl");
  for (const std::string& hostile :
       {std::string("../../etc/passwd"), std::string(4000, 'm'), std::string("a\nb"),
        std::string(".hidden"), std::string("\0x", 2)}) {
    const std::string file = user_model_day_file(hostile, hostile, "2026-01-13");
    EXPECT_EQ(file.find('/'), std::string::npos);
    EXPECT_NE(file.front(), '.');
    EXPECT_LT(file.size(), 255U);
    EXPECT_EQ(file.find('\n'), std::string::npos);
  }
  EXPECT_NE(user_model_day_file("", "a b", "2026-01-13"),
            user_model_day_file("", "a?b", "2026-01-13"));
}

TEST(Events, CountsInMillisecondsAndKeepsTheApisOwnUsage) {
  const auto made = derived("events", kLine);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].file, "events.jsonl");
  const auto event = parse_json(made[0].text.substr(0, made[0].text.size() - 1));
  ASSERT_TRUE(event);
  std::string names;
  for (const auto& [name, value] : event->members()) names += name + " ";
  EXPECT_EQ(names,
            "request_id protocol client_app user_id upstream_id model started_at_ms ended_at_ms "
            "latency_ms status_code error prompt response usage ");
  EXPECT_EQ(event->at("started_at_ms").integer(), 1768298400250);
  EXPECT_EQ(event->at("ended_at_ms").integer(), 1768298401500);
  EXPECT_EQ(event->at("latency_ms").integer(), 1250);
  EXPECT_TRUE(event->at("error").is_null());
  EXPECT_EQ(event->at("usage").at("prompt_tokens").integer(), 3);
  EXPECT_EQ(event->at("protocol").text(), "openai_chat");
}

TEST(Events, SaysWhatWentWrong) {
  const auto error_of = [](const std::string& line) {
    const auto made = derived("events", line);
    return dump_json(parse_json(made[0].text.substr(0, made[0].text.size() - 1))->at("error"));
  };
  const std::string failed = replaced(kLine, "\"status\":200", "\"status\":429");
  EXPECT_NE(error_of(failed).find("{\\\"id\\\":\\\"r1\\\""), std::string::npos);
  EXPECT_EQ(error_of(replaced(failed, "\"streaming\":false", "\"streaming\":true")),
            "\"upstream streaming error\"");
  EXPECT_EQ(error_of(replaced(kLine, "\"error\":null", "\"error\":\"cannot connect\"")),
            "\"cannot connect\"");
}

TEST(Events, CutsLongFieldsByCharacters) {
  const LayoutLimits limits{4, false};
  EXPECT_EQ(limited_field("\"abcd\"", limits), "\"abcd\"");
  EXPECT_EQ(limited_field("\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"", limits),
            "\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4... (truncated, 5 total chars)\"");
  EXPECT_EQ(limited_field("{\"a\":1}", limits), "\"{\\\"a\\\"... (truncated, 7 total chars)\"");
  EXPECT_EQ(limited_field("{\"a\":1}", {4, true}), "{\"a\":1}");
  EXPECT_EQ(limited_field("1234567", limits), "1234567");
}

TEST(Trace, WritesAFileOfItsOwnForEachExchange) {
  const auto made = derived("trace", kLine);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].file,
            "trace-2026-01-13T10-00-00-250Z-0190c0de-7a3b-7c11-9f00-0123456789ab.json");
  EXPECT_EQ(made[0].method, PutMethod::replace);
  EXPECT_NE(made[0].text.find("\n  \"request\": {"), std::string::npos) << made[0].text;
  const auto trace = parse_json(made[0].text);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->at("request").at("url").text(), "https://up/v1/chat/completions?a=1");
  EXPECT_TRUE(trace->at("response").at("chunks").is_array());
}

std::string streamed_line() {
  return replaced(replaced(kLine, "\"streaming\":false", "\"streaming\":true"), "\"error\":null",
                  R"("error":null,"wire":[[1.5,"data: {\"a\":1}\n\nda"],[2,"ta: [DONE]\r\n"],)"
                  R"([3,{"base64":"ww=="}],[4,7]])");
}

std::string response_of_event(const std::string& line, const LayoutLimits& limits) {
  const auto made = derived("events", line, limits);
  return dump_json(parse_json(made[0].text.substr(0, made[0].text.size() - 1))->at("response"));
}

TEST(Events, ShowTheFirstLinesOfAnOpenAiStream) {
  LayoutLimits limits;
  EXPECT_EQ(response_of_event(streamed_line(), limits),
            R"({"sse_chunks":["data: {\"a\":1}","data: [DONE]"]})");
  limits.event_chunks = 1;
  EXPECT_EQ(response_of_event(streamed_line(), limits), R"({"sse_chunks":["data: {\"a\":1}"]})");
}

TEST(Events, ShowTheAssembledAnswerWhereThereAreNoChunks) {
  LayoutLimits limits;
  const std::string assembled = response_of_event(kLine, limits);
  EXPECT_EQ(assembled.find("sse_chunks"), std::string::npos);
  limits.event_chunks = 0;
  EXPECT_EQ(response_of_event(streamed_line(), limits), assembled);
  limits.event_chunks = 50;
  EXPECT_EQ(response_of_event(
                replaced(streamed_line(), "\"openai_chat\"", "\"anthropic_messages\""), limits),
            assembled);
}

TEST(Trace, ShowsTheFirstChunksOfAStreamAsTheyCame) {
  const auto chunks_of = [](const LayoutLimits& limits) {
    const auto tree = parse_json(derived("trace", streamed_line(), limits)[0].text);
    return dump_json(tree->at("response").at("chunks"));
  };
  LayoutLimits limits;
  EXPECT_EQ(chunks_of(limits), R"(["data: {\"a\":1}\n\nda","ta: [DONE]\r\n",{"base64":"ww=="},7])");
  limits.trace_chunks = 1;
  EXPECT_EQ(chunks_of(limits), R"(["data: {\"a\":1}\n\nda"])");
  limits.trace_bodies = false;
  EXPECT_EQ(chunks_of(limits), "[]");
}

TEST(Trace, LeavesOutWhatItIsToldToLeaveOut) {
  LayoutLimits limits;
  limits.trace_headers = false;
  limits.trace_body_bytes = 70;
  const auto made = derived("trace", kLine, limits);
  ASSERT_EQ(made.size(), 1U);
  const auto tree = parse_json(made[0].text);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->at("request").at("headers").members().empty());
  EXPECT_FALSE(tree->at("request").at("body").is_null());
  EXPECT_TRUE(tree->at("response").at("body").is_null()) << "larger than asked for";
  limits.trace_bodies = false;
  EXPECT_TRUE(
      parse_json(derived("trace", kLine, limits)[0].text)->at("request").at("body").is_null());
}

TEST(Messages, GoToTheFileThatIsNamedWithoutMetadataWhenAsked) {
  LayoutLimits limits;
  limits.messages_file = "other.jsonl";
  limits.messages_metadata = false;
  const auto made = derived("messages", kLine, limits);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].file, "other.jsonl");
  EXPECT_EQ(made[0].text.find("metadata"), std::string::npos);
}

TEST(Messages, WritesALineForEachDirection) {
  const auto made = derived("messages", kLine);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].file, "message_log.jsonl");
  const std::size_t end = made[0].text.find('\n');
  const auto asked = parse_json(made[0].text.substr(0, end));
  const auto answered = parse_json(made[0].text.substr(end + 1));
  ASSERT_TRUE(asked && answered);
  EXPECT_EQ(asked->at("direction").text(), "request");
  EXPECT_EQ(asked->at("session_id").text(), "s \"1\"");
  EXPECT_EQ(asked->at("metadata").at("is_streaming").boolean(), false);
  EXPECT_EQ(answered->at("direction").text(), "response");
  EXPECT_EQ(answered->at("metadata").at("status_code").integer(), 200);
  const auto failed = derived("messages", replaced(kLine, "\"status\":200", "\"status\":null"));
  const auto error = parse_json(failed[0].text.substr(failed[0].text.find('\n') + 1));
  EXPECT_EQ(error->at("direction").text(), "error");
  EXPECT_EQ(error->at("error_type").text(), "complete");
}

}  // namespace
}  // namespace albicilla
